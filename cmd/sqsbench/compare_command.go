package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"sqsd/cmd/sqsbench/internal/client"
	"sqsd/cmd/sqsbench/internal/load"
)

func compareCommand(ctx context.Context, args []string) error {
	var cfg load.Config
	flags := flag.NewFlagSet("sqsbench compare", flag.ContinueOnError)
	a := flags.String("a", "", "`URL` of the server under test, or several with commas between")
	b := flags.String("b", "", "`URL` of the server it is compared with, or several")
	rounds := flags.Int("rounds", 5, "how often both are measured, in turns")
	asJSON := flags.Bool("json", false, "print the result as JSON")
	addLoadFlags(flags, &cfg)
	if err := parse(flags, args); err != nil {
		return err
	}
	sideA, err := client.ParseEndpoints(*a)
	if err != nil {
		return fmt.Errorf("-a: %w", err)
	}
	sideB, err := client.ParseEndpoints(*b)
	if err != nil {
		return fmt.Errorf("-b: %w", err)
	}
	if cfg.Signer, err = client.SignerFromEnv(); err != nil {
		return err
	}
	cfg.Fresh = true
	result, err := load.Compare(ctx, cfg, sideA, sideB, *rounds, progress)
	if err != nil {
		return err
	}
	if *asJSON {
		return result.WriteJSON(os.Stdout)
	}
	return result.WriteTable(os.Stdout)
}
