package jepsen

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// child prepares a process that answers health probes, as a node.
func child(t *testing.T) *Node {
	t.Helper()
	t.Setenv(childVariable, "1")
	addresses, err := freeAddresses(1)
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{ID: 1, Endpoint: "http://" + addresses[0]}
	n.Process = NewProcess(os.Args[0], addresses, filepath.Join(t.TempDir(), "log"))
	t.Cleanup(func() {
		if err := n.Kill(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func TestKilledProcessIsGoneAndStartsAgain(t *testing.T) {
	n := child(t)
	for range 2 {
		if err := n.Start(); err != nil {
			t.Fatal(err)
		}
		if err := n.WaitReady(patient(t)); err != nil {
			t.Fatal(err)
		}
		if err := n.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := n.probe("/health/ready"); err == nil {
			t.Error("the killed process answers")
		}
	}
	if err := n.Err(); err != nil {
		t.Errorf("a wanted kill is reported: %v", err)
	}
}

func TestPausedProcessAnswersOnlyWhenResumed(t *testing.T) {
	n := child(t)
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	if err := n.WaitReady(patient(t)); err != nil {
		t.Fatal(err)
	}
	if err := n.Pause(); err != nil {
		t.Fatal(err)
	}
	// The signal takes a moment to arrive.
	err := until(patient(t), func() bool {
		_, err := n.probe("/health/ready")
		return err != nil
	})
	if err != nil {
		t.Errorf("the paused process answers: %v", err)
	}
	if err := n.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := n.WaitReady(patient(t)); err != nil {
		t.Error(err)
	}
}

func TestProcessThatEndsByItselfIsReportedWithItsLog(t *testing.T) {
	t.Setenv(childVariable, "1")
	log := filepath.Join(t.TempDir(), "log")
	p := NewProcess(os.Args[0], []string{"exit"}, log)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if err := until(patient(t), func() bool { return p.Err() != nil }); err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), log) {
		t.Errorf("got %v", err)
	}
	text, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(text), "told to exit") {
		t.Errorf("log %q, %v", text, err)
	}
}

func TestRunningProcessIsNotStartedTwice(t *testing.T) {
	n := child(t)
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
	if err := n.Start(); err == nil {
		t.Error("started twice")
	}
}

func TestWaitHasADeadline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := child(t).WaitReady(ctx); err == nil {
		t.Error("a process that does not run is ready")
	}
}
