package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
	"sqsd/cmd/sqsbench/internal/load"
)

// addLoadFlags adds the flags that describe a load; the defaults suit the project's benchmarks.
func addLoadFlags(flags *flag.FlagSet, cfg *load.Config) {
	flags.StringVar(&cfg.Queue, "queue", "bench", "queue name; created if missing")
	flags.StringVar(&cfg.Mode, "mode", "loop", "one of\n"+load.Modes())
	flags.IntVar(&cfg.Clients, "clients", 16, "connections; in cycle, wakeup and fair those that send")
	flags.IntVar(&cfg.Consumers, "consumers", 16, "connections that receive, in cycle, wakeup and fair")
	flags.IntVar(&cfg.Body, "body", 1024, "size of a message body in `bytes`")
	flags.IntVar(&cfg.Batch, "batch", 0, "messages per call, 1 to 10; 0 for the mode's own: "+
		"10 for sendbatch, drain, prefill and fair, else 1")
	flags.DurationVar(&cfg.Duration, "duration", 10*time.Second, "length of the measured part; 0 for no limit but -count")
	flags.DurationVar(&cfg.Warmup, "warmup", 2*time.Second, "load before the measured part")
	flags.Int64Var(&cfg.Count, "count", 0, "end after so many messages; 0 for no limit but -duration")
	flags.DurationVar(&cfg.Wait, "wait", time.Second, "WaitTimeSeconds of receives")
	flags.DurationVar(&cfg.Visibility, "visibility", 30*time.Second, "VisibilityTimeout of receives")
	flags.IntVar(&cfg.Backlog, "backlog", 2000, "how many messages cycle's producers run ahead of its consumers at most")
	flags.IntVar(&cfg.Tenants, "tenants", 8, "fair's quiet tenants")
	flags.Float64Var(&cfg.Rate, "rate", 5, "messages a second of each of them")
	flags.DurationVar(&cfg.Hold, "hold", 100*time.Millisecond, "how long fair's consumers hold a message, on average")
	flags.BoolVar(&cfg.Groups, "groups", true, "fair's messages name their tenant as MessageGroupId")
	flags.DurationVar(&cfg.Delay, "delay", 0, "DelaySeconds of fair's noisy tenant")
	flags.BoolVar(&cfg.Fails, "fails", false, "messages of fair's noisy tenant are given back instead of deleted while anybody sends")
	flags.DurationVar(&cfg.Timeout, "timeout", 30*time.Second, "limit for a call beyond -wait")
	flags.BoolVar(&cfg.Track, "track", true, "remember message ids to find duplicates and losses")
	flags.BoolVar(&cfg.Fresh, "fresh", false, "delete the queue after the run")
}

func loadCommand(ctx context.Context, args []string) error {
	var cfg load.Config
	flags := flag.NewFlagSet("sqsbench", flag.ContinueOnError)
	endpoint := flags.String("endpoint", "http://127.0.0.1:9324",
		"URL of the server, or several with commas between: connections take turns")
	asJSON := flags.Bool("json", false, "print the report as JSON")
	quiet := flags.Bool("quiet", false, "print no progress lines")
	addLoadFlags(flags, &cfg)
	if err := parse(flags, args); err != nil {
		return err
	}
	var err error
	if cfg.Endpoints, err = client.ParseEndpoints(*endpoint); err != nil {
		return err
	}
	if cfg.Signer, err = client.SignerFromEnv(); err != nil {
		return err
	}
	if !*quiet {
		cfg.Progress = progress
	}
	report, err := load.Run(ctx, cfg)
	if err != nil {
		return err
	}
	if *asJSON {
		return report.WriteJSON(os.Stdout)
	}
	return report.WriteTable(os.Stdout)
}

func progress(line string) { fmt.Fprintln(os.Stderr, line) }
