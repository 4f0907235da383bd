package main

import (
	"flag"
	"strings"
	"testing"

	"sqsd/cmd/sqsbench/internal/load"
)

func TestFlagsComeFromArgumentsAndEnvironment(t *testing.T) {
	t.Setenv("SQSBENCH_CLIENTS", "7")
	t.Setenv("SQSBENCH_BODY", "9")
	var cfg load.Config
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	addLoadFlags(flags, &cfg)
	if err := parse(flags, []string{"-mode", "send", "-body", "10"}); err != nil {
		t.Fatal(err)
	}
	if cfg.Mode != "send" || cfg.Clients != 7 || cfg.Body != 10 || cfg.Queue != "bench" {
		t.Errorf("got %+v", cfg)
	}
}

func TestBadCommandLinesAreRefused(t *testing.T) {
	for _, test := range []struct {
		run  command
		args []string
		want string
	}{
		{loadCommand, []string{"sned"}, `"sned" is not a flag`},
		{loadCommand, []string{"-endpoint", "localhost:9324"}, "scheme"},
		{loadCommand, []string{"-mode", "sned"}, `mode "sned" is unknown`},
		{compareCommand, []string{"-a", "http://a:1"}, "-b:"},
		{compareCommand, []string{"-a", "http://a:1", "-b", "http://b:1", "-rounds", "0"}, "0 rounds"},
		{nullCommand, []string{"-wal-receives"}, "needs -wal"},
		{nullCommand, []string{"-listen", "nowhere"}, "nowhere"},
		{nullCommand, []string{"-wal", "/no/such/directory/log"}, "/no/such/directory/log"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			err := test.run(t.Context(), test.args)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}
