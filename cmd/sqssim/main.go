// Command sqssim runs simulated clusters: whole sweeps of seeds, or one seed again.
//
//	sqssim sweep [--start A] [--count N | --for D] [--profiles P,P,...] [--require-marks] [--max-kinds K] [--summary FILE] ...
//	sqssim replay --seed N [--profile P] | --plan FILE [--store mem|pebble] [--out DIR] [--trace]
//	sqssim plan --seed N [--profile P] | --plan FILE [--store mem|pebble]
//	sqssim shrink --seed N [--profile P] | --plan FILE [--store mem|pebble] [--budget 60s] [--out FILE]
//	sqssim explain --seed N [--profile P] | --plan FILE [--store mem|pebble] [--budget 60s] [--out FILE]
//	sqssim mutants [--only LIST] [--seeds N] [--median N] [--shrink] [--explain DIR]
//	sqssim cover --profile FILE [--least PERCENT]
//
// sqssim -seed N is short for replay. Each run happens alone in its process, because raft's randomness is a global
// variable: a sweep starts worker processes of this same program.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

const usage = `usage:
  sqssim sweep   [--start A|TEXT] [--count N] [--for D] [--profiles P,P,...] [--workers W] [--rerun-every K] [--store mem|pebble]
                 [--require-marks] [--max-kinds K] [--run-limit D] [--summary FILE] [--hashes FILE]
  sqssim replay  --seed N [--profile P] | --plan FILE [--store mem|pebble] [--out DIR] [--trace]
  sqssim plan    --seed N [--profile P] | --plan FILE [--store mem|pebble]
  sqssim shrink  --seed N [--profile P] | --plan FILE [--store mem|pebble] [--budget 60s] [--workers W] [--out FILE]
  sqssim explain --seed N [--profile P] | --plan FILE [--store mem|pebble] [--budget 60s] [--out FILE]
  sqssim mutants [--only 1,2,log,own,...] [--seeds N] [--median N] [--workers W] [--shrink] [--budget 60s] [--out DIR] [--explain DIR]
  sqssim cover   --profile FILE [--least PERCENT]

Profiles of runs are default, lite, deep, moves and ruin; sqssim COMMAND -h explains the flags.
`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	command, args := os.Args[1], os.Args[2:]
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, command) {
		fmt.Print(usage)
		return
	}
	if strings.HasPrefix(command, "-") {
		command, args = "replay", os.Args[1:]
	}
	var ok bool
	var err error
	switch command {
	case "sweep":
		ok, err = sweep(args)
	case "replay":
		ok, err = replay(args)
	case "plan":
		ok, err = true, printPlan(args, os.Stdout)
	case "shrink":
		ok, err = true, shrink(args)
	case "explain":
		ok, err = explainRun(args)
	case "mutants":
		ok, err = huntMutants(args)
	case "cover":
		ok, err = cover(args)
	case workerCommand:
		ok, err = true, work(os.Stdin, os.Stdout)
	default:
		fmt.Fprintf(os.Stderr, "sqssim: unknown command %q\n%s", command, usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "sqssim %s: %v\n", command, err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}
