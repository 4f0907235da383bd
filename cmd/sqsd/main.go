// Command sqsd is a message queue server that speaks the Amazon SQS API, alone or as a node of a replicated cluster.
//
// Without arguments it serves one node's queues on 127.0.0.1:9324 and keeps them in ./sqsd-data. sqsd -h lists the
// settings; each can be given as a flag, as an environment variable SQSD_…, or in a file named by --config.
//
// sqsd members lists, adds and removes nodes of a cluster; sqsd --version says what the program was built from.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the server had to stop; the members were not changed
	exitUsage  = 2 // the server did not start: settings, data directory or port; the command found no server
)

func main() {
	limitMemory()
	os.Exit(run(untilSignal(), os.Args[1:], os.Stdout, os.Stderr))
}

// untilSignal returns a context that the first signal ends, for a graceful shutdown. By then signals act as usual
// again, so that a second one kills.
func untilSignal() context.Context {
	signalled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(signalled, func() {
		stop()
		cancel()
	})
	return ctx
}

// run is the whole program: it carries out the command "members", says its version, or serves until ctx ends or something
// fails, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "members" {
		return runMembers(ctx, args[1:], stdout, stderr)
	}
	if len(args) == 1 && (args[0] == "--version" || args[0] == "-version") {
		fmt.Fprintln(stdout, version(debug.ReadBuildInfo()))
		return exitOK
	}
	s, err := parseSettings(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "sqsd: %v\nsqsd -h lists all settings\n", err)
		return exitUsage
	}
	server, err := startServer(s, s.logger(stderr))
	if err != nil {
		fmt.Fprintf(stderr, "sqsd: %v\n", err)
		return exitUsage
	}
	server.announce(stdout)
	if err := server.serve(ctx); err != nil {
		fmt.Fprintf(stderr, "sqsd: stopped: %v\n", err)
		return exitFailed
	}
	return exitOK
}
