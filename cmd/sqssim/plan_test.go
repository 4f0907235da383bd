package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestACommandRefusesWhatWouldMakeAnotherRun(t *testing.T) {
	commands := map[string]func(args []string) error{
		"replay":  func(args []string) error { _, err := replay(args); return err },
		"plan":    func(args []string) error { return printPlan(args, io.Discard) },
		"shrink":  shrink,
		"explain": func(args []string) error { _, err := explainRun(args); return err },
	}
	for name, command := range commands {
		for _, c := range []struct {
			args string
			want string // part of the error
		}{
			{"7", `not "7"`},
			{"7 --seed 9", `not "7"`},
			{"--seed 9 7", `not "7"`},
			{"", "want either --seed N or --plan FILE"},
			{"--profile lite", "want either --seed N or --plan FILE"},
			{"--seed 0 --plan no.plan", "want either --seed N or --plan FILE"},
			{"--plan no.plan --profile lite", "want no --profile beside --plan"},
		} {
			err := command(strings.Fields(c.args))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s %s: %v, want %s", name, c.args, err, c.want)
			}
		}
	}
}

func TestACommandOfNoSingleRunRefusesArguments(t *testing.T) {
	for name, command := range map[string]func(args []string) (bool, error){
		"sweep": sweep, "mutants": huntMutants, "cover": cover,
	} {
		if _, err := command([]string{"7"}); err == nil || !strings.Contains(err.Error(), `not "7"`) {
			t.Errorf("%s 7: %v", name, err)
		}
	}
}

func TestSeedZeroIsASeed(t *testing.T) {
	var s source
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	s.flagsFor(flags)
	if err := s.parse(flags, []string{"--seed", "0"}); err != nil {
		t.Error(err)
	}
}

func TestPagesNameTheStoreOfTheirRun(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "failing.plan")
	if err := os.WriteFile(plan, []byte(failingPlan(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ store, flag string }{{"mem", ""}, {"pebble", " --store pebble"}} {
		page := filepath.Join(dir, c.store+".html")
		for _, command := range []func() (bool, error){
			func() (bool, error) { return replay([]string{"--plan", plan, "--store", c.store, "--out", dir}) },
			func() (bool, error) {
				return explainRun([]string{"--plan", plan, "--store", c.store, "--out", page, "--budget", "1ns"})
			},
		} {
			if ok, err := command(); ok || err != nil {
				t.Fatalf("%v, %v", ok, err)
			}
		}
		again := "go run ./cmd/sqssim replay --plan "
		holds(t, filepath.Join(dir, "seed-2.html"), again+plan+c.flag+"<")
		holds(t, page, again+plan+c.flag+"<", again+filepath.Join(dir, c.store+".min.plan")+c.flag+"<")
	}
}

// holds checks that a file has some texts in it.
func holds(t *testing.T, file string, texts ...string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !strings.Contains(string(content), text) {
			t.Errorf("%s does not hold %q", filepath.Base(file), text)
		}
	}
}
