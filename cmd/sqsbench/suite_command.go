package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"sqsd/cmd/sqsbench/internal/suite"
)

func suiteCommand(ctx context.Context, args []string) error {
	plan := suite.Plan{Progress: progress}
	flags := flag.NewFlagSet("sqsbench suite", flag.ContinueOnError)
	flags.StringVar(&plan.Sqsd, "sqsd", "./bin/sqsd", "the sqsd program to measure")
	flags.StringVar(&plan.Dir, "dir", "", "directory for data and logs, kept afterwards, on the disk to measure; "+
		"empty makes one here and removes it")
	flags.IntVar(&plan.Rounds, "rounds", 5, "how often each side is measured")
	flags.DurationVar(&plan.Duration, "duration", 5*time.Second, "length of each measurement")
	flags.DurationVar(&plan.Warmup, "warmup", 2*time.Second, "load before each measurement")
	flags.Int64Var(&plan.Backlog, "backlog", 1_000_000, "length of the long queue")
	flags.Int64Var(&plan.Passed, "passed", 10_000_000, "messages that pass through the long queue before it is measured again")
	only := flags.String("only", "", "parts to run, with commas between: "+suite.Parts()+"; empty runs all")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *only != "" {
		plan.Parts = strings.Split(*only, ",")
	}
	if _, err := os.Stat(plan.Sqsd); err != nil {
		return fmt.Errorf("-sqsd: %w", err)
	}
	var err error
	if plan.Self, err = os.Executable(); err != nil {
		return err
	}
	if plan.Dir == "" {
		if plan.Dir, err = os.MkdirTemp(".", "sqsbench-"); err != nil {
			return err
		}
		defer os.RemoveAll(plan.Dir)
	}
	document, err := suite.Run(ctx, plan)
	if err != nil {
		return err
	}
	fmt.Print(document)
	return nil
}
