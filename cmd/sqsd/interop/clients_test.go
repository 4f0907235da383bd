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
const sessionTime = 5 * time.Minute

// program is a client that runs as a process of its own, in the directory of its packages.
type program struct {
	name     string
	protocol string // that it must call every action in; empty: no matter what it calls
	packages packages
	sources  []string
	commands [][]string
}

var clients = []program{
	{"python", "JSON", venv("python"), []string{"python/session.py"}, [][]string{{"bin/python", "session.py"}}},
	{"python-query", "Query", venv("query"), []string{"python/session.py"}, [][]string{{"bin/python", "session.py"}}},
	{"javascript", "JSON", node("javascript"), []string{"javascript/session.mjs"}, [][]string{{"node", "session.mjs"}}},
	{"java", "JSON", maven("java"), []string{"java/Session.java", "java/Trouble.java"}, [][]string{
		{"javac", "-cp", "target/dependency/*", "-d", "target/classes", "Session.java", "Trouble.java"},
		{"java", "-cp", "target/classes:target/dependency/*", "Session"},
	}},
	{"javascript-2", "", node("javascript-2"), []string{"javascript-2/session.cjs"}, [][]string{{"node", "session.cjs"}}},
	{"cli", "JSON", venv("cli"), []string{"cli/session.sh"}, [][]string{{"bash", "session.sh"}}},
}

var libraries = []program{
	{"celery", "", venv("celery"), []string{"celery/round_trip.py"}, [][]string{{"bin/python", "round_trip.py"}}},
	{"sqs-consumer", "", node("sqs-consumer"), []string{"sqs-consumer/round_trip.mjs"},
		[][]string{{"node", "round_trip.mjs"}}},
	{"gocloud", "", module("gocloud"), []string{"gocloud/round_trip.go"}, [][]string{{"go", "run", "."}}},
}

// TestClients takes every official client through a session with every action.
func TestClients(t *testing.T) {
	t.Parallel()
	server := startServer(t, signed(t)...)
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		r := record(t, server)
		ctx, cancel := context.WithTimeout(t.Context(), sessionTime)
		defer cancel()
		began := time.Now()
		s := session{t: t, ctx: ctx, prefix: queuePrefix("go"), endpoint: r.URL}
		s.Client = goClient(r.URL, accessKey, secretKey)
		defer func() { ran(t, 0, time.Since(began), r.covered("JSON")) }()
		s.run()
		r.expectEverything(t, "JSON")
	})
	for _, p := range clients {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, server)
		})
	}
}

// TestLibraries lets libraries that are built on the clients publish, process, fail and give up jobs.
func TestLibraries(t *testing.T) {
	t.Parallel()
	server := startServer(t, signed(t)...)
	for _, p := range libraries {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, server)
		})
	}
}

func goClient(endpoint, key, secret string) *sqs.Client {
	pair := aws.Credentials{AccessKeyID: key, SecretAccessKey: secret}
	return sqs.New(sqs.Options{
		BaseEndpoint: &endpoint, Region: region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return pair, nil }),
	})
}

// run runs the program, and fails the test if it ends badly or leaves something out.
func (p program) run(t *testing.T, server string) {
	t.Helper()
	began := time.Now()
	dir := p.packages.ready(t, p.name)
	installed := time.Since(began)
	if err := copyTo(dir, p.sources...); err != nil {
		t.Fatal(err)
	}
	r := record(t, server)
	defer func() { ran(t, installed, time.Since(began)-installed, r.covered(p.protocol)) }()
	ctx, cancel := context.WithTimeout(t.Context(), sessionTime)
	defer cancel()
	for _, words := range p.commands {
		cmd := command(ctx, dir, words)
		cmd.Env = append(environment(dir, r.URL), "SQS_PREFIX="+queuePrefix(p.name))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if p.protocol != "" {
		r.expectEverything(t, p.protocol)
	}
}

// queuePrefix begins the names of a client's queues. No client's prefix begins another's: sessions list and delete by it.
func queuePrefix(client string) string { return client + "_" }

// environment is all that programs are told of the server: what any SDK reads.
func environment(dir, endpoint string) []string {
	return append(os.Environ(),
		"PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_ENDPOINT_URL_SQS="+endpoint, "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secretKey, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
}
