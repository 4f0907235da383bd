package jepsen

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// Process is one sqsd process, which can be killed and started again with the same arguments.
type Process struct {
	binary  string
	args    []string
	logPath string

	mu       sync.Mutex
	cmd      *exec.Cmd
	exited   chan struct{} // closed when cmd has ended
	wanted   bool          // the process is meant to run
	surprise error         // it ended although it was meant to run
}

// NewProcess prepares a process; its output is appended to the file logPath.
func NewProcess(binary string, args []string, logPath string) *Process {
	return &Process{binary: binary, args: args, logPath: logPath}
}

// Start starts the process, which must not be running.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted {
		return fmt.Errorf("%s is already running", p.binary)
	}
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.binary, p.args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	p.cmd, p.exited, p.wanted = cmd, exited, true
	go func() {
		cmd.Wait() // what it says is in ProcessState too
		p.mu.Lock()
		if p.wanted && p.cmd == cmd {
			p.surprise = fmt.Errorf("process ended by itself: %v; its log is %s", cmd.ProcessState, p.logPath)
		}
		p.mu.Unlock()
		close(exited)
	}()
	return nil
}

// Kill ends the process as kill -9 does and returns when it is gone. It does nothing if the process does not run.
func (p *Process) Kill() error {
	p.mu.Lock()
	if !p.wanted {
		p.mu.Unlock()
		return nil
	}
	p.wanted = false
	cmd, exited := p.cmd, p.exited
	p.mu.Unlock()
	err := cmd.Process.Kill()
	<-exited
	if err == os.ErrProcessDone {
		return nil
	}
	return err
}

// Pause stops the process from running (SIGSTOP) within a moment; its connections stay open.
func (p *Process) Pause() error { return p.signal(syscall.SIGSTOP) }

// Resume lets a paused process run on.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

func (p *Process) signal(s os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.wanted {
		return fmt.Errorf("signal %v: the process does not run", s)
	}
	return p.cmd.Process.Signal(s)
}

// Err says whether the process ever ended without being killed by Kill.
func (p *Process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.surprise
}
