package main

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// asServer in the environment makes the test binary the server itself, so that tests can send it signals.
const asServer = "SQSD_TEST_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
	}
	os.Exit(m.Run())
}

// child is sqsd in a process of its own.
type child struct {
	process
	cmd *exec.Cmd
}

func startChild(t *testing.T, args ...string) *child {
	t.Helper()
	c := &child{process: process{stdout: newOutput(), stderr: newOutput()}}
	c.cmd = exec.Command(os.Args[0], append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	c.cmd.Env = append(os.Environ(), asServer+"=1")
	c.cmd.Stdout, c.cmd.Stderr = c.stdout, c.stderr
	must(t, c.cmd.Start())
	t.Cleanup(func() {
		if c.cmd.ProcessState == nil {
			_ = c.cmd.Process.Kill()
			_ = c.cmd.Wait()
		}
	})
	deadline := time.After(patience)
	for c.endpoint == "" {
		select {
		case <-c.stdout.printed:
			if m := endpointPattern.FindStringSubmatch(c.stdout.String()); m != nil {
				c.endpoint = m[1]
			}
		case <-deadline:
			t.Fatalf("sqsd did not start: %s", c.stderr)
		}
	}
	return c
}

// end sends signals and waits until the process has ended.
func (c *child) end(t *testing.T, signals ...os.Signal) *os.ProcessState {
	t.Helper()
	for _, s := range signals {
		must(t, c.cmd.Process.Signal(s))
	}
	timer := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	if err := c.cmd.Wait(); err != nil && c.cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return c.cmd.ProcessState
}

// wantRefused waits until the process has ended because of its data.
func (c *child) wantRefused(t *testing.T, part string) {
	t.Helper()
	if code := c.end(t).ExitCode(); code != exitFailed || !strings.Contains(c.stderr.String(), part) {
		t.Errorf("exit code %d, want %d and %q: %s", code, exitFailed, part, c.stderr)
	}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, "--data-dir", dir)
	url := createQueue(t, c.client(), "q")
	for _, body := range []string{"a", "b", "c"} {
		send(t, c.client(), url, body)
	}
	got := receive(t, c.client(), url, 1)
	_, err := c.client().DeleteMessage(t.Context(),
		&sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: got[0].ReceiptHandle})
	must(t, err)
	c.end(t, syscall.SIGKILL)

	c = startChild(t, "--data-dir", dir)
	wantCounters(t, c.client(), url, 2, 0)
	if got := bodies(receive(t, c.client(), url, 10)); got != "b c" {
		t.Errorf("after the kill received %q, want %q", got, "b c")
	}
}

func TestATermSignalShutsDownGracefully(t *testing.T) {
	c := startChild(t, "--data-dir", t.TempDir())
	c.waitReady(t)
	if state := c.end(t, syscall.SIGTERM); state.ExitCode() != exitOK {
		t.Errorf("the process ended with %v: %s", state, c.stderr)
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	c := startChild(t, "--data-dir", t.TempDir())
	c.waitReady(t)
	// A request whose body never comes keeps the graceful shutdown waiting.
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.endpoint, "http://"))
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n"+
		"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n\r\n")
	must(t, err)
	_, err = io.ReadFull(conn, make([]byte, len("HTTP/1.1 100")))
	must(t, err) // the server reads the body now
	must(t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.waitLog(t, "shutting down")
	began := time.Now()
	state := c.end(t, syscall.SIGTERM)
	if status := state.Sys().(syscall.WaitStatus); !status.Signaled() || time.Since(began) > shutdownTimeout/2 {
		t.Errorf("after the second signal the process ended with %v in %v", state, time.Since(began))
	}
}

func TestAFailureEndsTheServer(t *testing.T) {
	s, err := parseSettings([]string{"--data-dir", t.TempDir(), "--listen", "127.0.0.1:0"}, io.Discard)
	must(t, err)
	v, err := startServer(s, s.logger(io.Discard))
	must(t, err)
	broken := errors.New("the disk is gone")
	v.fail(broken)
	v.fail(errors.New("a consequence"))
	if err := v.serve(t.Context()); !errors.Is(err, broken) {
		t.Errorf("serve returned %v, want %v", err, broken)
	}
}
