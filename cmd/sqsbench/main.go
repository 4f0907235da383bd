// Command sqsbench measures SQS endpoints.
//
//	sqsbench [flags]           put load on an endpoint and report throughput, latencies, duplicates and losses
//	sqsbench compare [flags]   measure two endpoints in turns and print the ratio
//	sqsbench null [flags]      be the null server: what the machine allows an SQS server at most
//	sqsbench suite [flags]     start servers, measure all that docs/benchmarks.md claims and print it
//
// Each command explains its flags with -h. Flags can also be set in the environment, as SQSBENCH_ENDPOINT for
// -endpoint. Requests are signed if AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/peterbourgon/ff/v3"
)

// command is one of sqsbench's subcommands.
type command func(ctx context.Context, args []string) error

var commands = map[string]command{"compare": compareCommand, "null": nullCommand, "suite": suiteCommand}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run, args := loadCommand, os.Args[1:]
	if len(args) > 0 {
		if named, ok := commands[args[0]]; ok {
			run, args = named, args[1:]
		}
	}
	err := run(ctx, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "sqsbench:", err)
		os.Exit(1)
	}
}

// parse reads flags from args and the environment and refuses what is left over.
func parse(flags *flag.FlagSet, args []string) error {
	if err := ff.Parse(flags, args, ff.WithEnvVarPrefix("SQSBENCH")); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag; see %s -h", flags.Arg(0), flags.Name())
	}
	return nil
}
