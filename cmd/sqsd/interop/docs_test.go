//go:build interop

package interop

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const (
	page     = "../../../docs/clients.md"
	pageHost = "127.0.0.1:9324" // where the page says that the server is
)

// exampleTime bounds an example.
const exampleTime = 2 * time.Minute

// examples are the sections of the page that are programs.
var examples = []struct {
	section  string
	packages packages
	name     string // of the packages
	file     string // that the section says to write; empty if it has commands alone
	queue    string // that must exist
	prints   string // what the program prints when it has done its work; it may then go on forever
}{
	{"AWS CLI", venv("cli"), "cli", "", "", `"VisibilityTimeout": "30"`},
	{"Python", venv("python"), "python", "jobs.py", "", "done: job 9"},
	{"JavaScript", node("javascript"), "javascript", "jobs.mjs", "", "done: one"},
	{"Go", module("gocloud"), "gocloud", "main.go", "", "done: one"},
	{"Celery", venv("celery"), "celery", "tasks.py", "", "done: one"},
	{"sqs-consumer", node("sqs-consumer"), "sqs-consumer", "consumer.mjs", "", "done: one"},
	{"Go Cloud", module("gocloud"), "gocloud", "main.go", "jobs", "done: one"},
}

// TestExamples runs the programs of the page, each against a server of its own, with nothing changed but the address.
func TestExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		t.Run(e.section, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			packages := e.packages.ready(t, e.name)
			installed := time.Since(began)
			defer func() { ran(t, installed, time.Since(began)-installed, "") }()
			server := startServer(t)
			here := strings.ReplaceAll(string(text), pageHost, strings.TrimPrefix(server, "http://"))
			introduction, sections, _ := strings.Cut(here, "\n## ")
			_, section, found := strings.Cut("\n## "+sections, "\n## "+e.section+"\n")
			section, _, _ = strings.Cut(section, "\n## ")
			environment, blocks := fenced(introduction), fenced(section)
			if !found || len(environment) != 1 || len(blocks) == 0 {
				t.Fatalf("%s has no section %q with a program", page, e.section)
			}
			dir := filepath.Join(packages, "example-"+strings.ReplaceAll(e.section, " ", "-"))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if e.file != "" {
				if err := os.WriteFile(filepath.Join(dir, e.file), []byte(blocks[0]), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if e.queue != "" {
				in := sqs.CreateQueueInput{QueueName: &e.queue}
				ok(goClient(server, accessKey, secretKey).CreateQueue(t.Context(), &in))(t)
			}
			runUntil(t, dir, filepath.Join(packages, "bin"), environment[0]+blocks[len(blocks)-1], e.prints)
		})
	}
}

// fenced are the contents of the fenced blocks of a text.
func fenced(text string) []string {
	var blocks []string
	for i, part := range strings.Split("\n"+text, "\n```") {
		if i%2 == 1 {
			_, block, _ := strings.Cut(part, "\n")
			blocks = append(blocks, block+"\n")
		}
	}
	return blocks
}

// runUntil runs a shell script until it has printed something, and then ends it.
func runUntil(t *testing.T, dir, programs, script, prints string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), exampleTime)
	defer cancel()
	cmd := command(ctx, dir, []string{"bash", "-ec", script})
	cmd.Env = append(os.Environ(), "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	printed, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	cmd.Stdout, cmd.Stderr = pipe, pipe
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	var all strings.Builder
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		fmt.Fprintln(&all, lines.Text())
		if strings.Contains(lines.Text(), prints) {
			cancel()
			_ = cmd.Wait() // it was killed
			return
		}
	}
	t.Fatalf("ended with %v and without printing %q: %s", cmd.Wait(), prints, all.String())
}
