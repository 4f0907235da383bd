package suite

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
)

// startTime bounds how long a server may take to answer.
const startTime = time.Minute

// server is a server process.
type server struct {
	name     string
	binary   string
	args     []string
	log      string // file that its output is appended to
	endpoint client.Endpoint

	cmd    *exec.Cmd
	exited chan error
}

// start starts the process, which must not be running.
func (s *server) start() error {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(s.binary, s.args...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.exited = make(chan error, 1)
	go func(cmd *exec.Cmd, exited chan<- error) { exited <- cmd.Wait() }(s.cmd, s.exited)
	return nil
}

// await waits until a call succeeds and returns how long that took.
func (s *server) await(ctx context.Context, call func(*client.Client) error) (time.Duration, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	c := client.New(client.NewConn(s.endpoint, nil), time.Second)
	defer c.Close()
	for {
		err := call(c)
		if err == nil {
			return time.Since(start), nil
		}
		select {
		case ended := <-s.exited:
			s.exited <- ended
			return 0, fmt.Errorf("%s ended: %v; its log is %s", s.name, ended, s.log)
		case <-ctx.Done():
			return 0, fmt.Errorf("%s does not answer: %w; its log is %s", s.name, err, s.log)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// answers is a call that any working server answers with success.
func answers(c *client.Client) error {
	_, err := c.CreateQueue("ready")
	return err
}

// kill ends the process as kill -9 does. It does nothing if there is none.
func (s *server) kill() error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Kill(); err != nil && err != os.ErrProcessDone {
		return err
	}
	<-s.exited
	s.cmd = nil
	return nil
}

// memory is what the process holds of the machine's memory, in bytes: now, and at most since it started.
func (s *server) memory() (now, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	return memoryOf(string(status))
}

func memoryOf(status string) (now, peak int64, err error) {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		if name != "VmRSS" && name != "VmHWM" {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("%s of a process status: %w", name, err)
		}
		if name == "VmRSS" {
			now = kib << 10
		} else {
			peak = kib << 10
		}
	}
	if now == 0 || peak == 0 {
		return 0, 0, fmt.Errorf("no VmRSS and VmHWM in the process status")
	}
	return now, peak, nil
}

// freeAddress finds a loopback address that nobody listens on just now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
