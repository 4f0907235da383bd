package jepsen

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"
)

// patience bounds waits for things that take no time on a healthy machine.
const patience = 30 * time.Second

// childVariable makes the test binary serve as a process to start and kill.
const childVariable = "SQSD_JEPSEN_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		fmt.Fprintln(os.Stderr, beChild(os.Args[1]))
		os.Exit(3)
	}
	code := m.Run()
	if err := os.RemoveAll(buildDir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// beChild answers health probes at an address for ever; it does not serve at all if the address is "exit".
func beChild(address string) error {
	if address == "exit" {
		return fmt.Errorf("told to exit")
	}
	http.HandleFunc("/health/ready", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ready") })
	return http.ListenAndServe(address, nil)
}

func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
