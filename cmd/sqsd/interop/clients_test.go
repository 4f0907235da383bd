//go:build interop

package interop

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// sessionTime bounds a client's session.
const sessionTime = 3 * time.Minute

// program is a client that runs as a process of its own, in the directory of its packages.
type program struct {
	name     string
	protocol string // that it must call every action in; empty: no matter what it calls
	packages packages
	source   string
	commands [][]string
}

var clients = []program{
	{"python", "JSON", venv("python"), "python/session.py", [][]string{{"bin/python", "session.py"}}},
	{"python-query", "Query", venv("query"), "python/session.py", [][]string{{"bin/python", "session.py"}}},
	{"javascript", "JSON", node("javascript"), "javascript/session.mjs", [][]string{{"node", "session.mjs"}}},
	{"java", "JSON", maven("java"), "java/Session.java", [][]string{
		{"javac", "-cp", "target/dependency/*", "-d", "target/classes", "Session.java"},
		{"java", "-cp", "target/classes:target/dependency/*", "Session"},
	}},
	{"cli", "JSON", venv("cli"), "cli/session.sh", [][]string{{"bash", "session.sh"}}},
}

var libraries = []program{
	{"celery", "", venv("celery"), "celery/round_trip.py", [][]string{{"bin/python", "round_trip.py"}}},
	{"sqs-consumer", "", node("sqs-consumer"), "sqs-consumer/round_trip.mjs", [][]string{{"node", "round_trip.mjs"}}},
	{"gocloud", "", module("gocloud"), "gocloud/round_trip.go", [][]string{{"go", "run", "."}}},
}

// TestClients takes every official client through a session with every action.
func TestClients(t *testing.T) {
	server := startServer(t)
	t.Run("go", func(t *testing.T) {
		r := record(t, server)
		ctx, cancel := context.WithTimeout(t.Context(), sessionTime)
		defer cancel()
		key := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}
		s := session{t: t, ctx: ctx, prefix: "go", Client: sqs.New(sqs.Options{
			BaseEndpoint: &r.URL, Region: region,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil }),
		})}
		s.run()
		r.expectEveryAction(t, "JSON")
	})
	for _, p := range clients {
		t.Run(p.name, func(t *testing.T) {
			r := p.run(t, server)
			r.expectEveryAction(t, p.protocol)
		})
	}
}

// TestLibraries lets libraries that are built on the clients publish, process, fail and give up jobs.
func TestLibraries(t *testing.T) {
	server := startServer(t)
	for _, p := range libraries {
		t.Run(p.name, func(t *testing.T) { p.run(t, server) })
	}
}

// run runs the program and fails the test if it ends badly.
func (p program) run(t *testing.T, server string) *recorder {
	t.Helper()
	dir := p.packages.ready(t, p.name)
	copyTo(t, dir, p.source)
	r := record(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), sessionTime)
	defer cancel()
	began := time.Now()
	for _, words := range p.commands {
		cmd := command(ctx, dir, words)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
			"SQS_ENDPOINT="+r.URL, "SQS_PREFIX="+p.name, "AWS_ACCESS_KEY_ID="+accessKey,
			"AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
			"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	t.Logf("%.1f s", time.Since(began).Seconds())
	return r
}
