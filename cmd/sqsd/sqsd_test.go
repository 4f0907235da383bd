package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// patience bounds waits for what must happen; a test fails when it runs out.
const patience = 30 * time.Second

// process is a run of the whole program inside the test.
type process struct {
	endpoint       string
	cancel         context.CancelFunc
	exited         chan int
	stdout, stderr *output
}

// output collects what the program prints.
type output struct {
	mu      sync.Mutex
	b       bytes.Buffer
	printed chan struct{}
}

func newOutput() *output { return &output{printed: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.printed <- struct{}{}:
	default:
	}
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

var endpointPattern = regexp.MustCompile(`at (https?://\S+)`)

// start runs sqsd with the given arguments on a port of its own and waits until it has said where it is.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{cancel: cancel, exited: make(chan int, 1), stdout: newOutput(), stderr: newOutput()}
	go func() {
		p.exited <- run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...), p.stdout, p.stderr)
	}()
	t.Cleanup(func() { p.stop(t) })
	deadline := time.After(patience)
	for p.endpoint == "" {
		select {
		case <-p.stdout.printed:
			if m := endpointPattern.FindStringSubmatch(p.stdout.String()); m != nil {
				p.endpoint = m[1]
			}
		case code := <-p.exited:
			t.Fatalf("sqsd exited with %d: %s", code, p.stderr)
		case <-deadline:
			t.Fatalf("sqsd did not start: %s", p.stderr)
		}
	}
	return p
}

// stop shuts the process down gracefully and checks that it ends well. A second call does nothing.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if p.exited == nil {
		return
	}
	p.cancel()
	select {
	case code := <-p.exited:
		if code != exitOK {
			t.Errorf("sqsd exited with %d: %s", code, p.stderr)
		}
	case <-time.After(patience):
		t.Fatal("sqsd did not shut down")
	}
	p.exited = nil
}

// waitReady waits until every group has a leader.
func (p *process) waitReady(t *testing.T) {
	t.Helper()
	p.waitHealth(t, "/health/ready", func(status int, _ string) bool { return status == http.StatusOK })
}

func (p *process) waitHealth(t *testing.T, path string, good func(status int, body string) bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		status, body := p.get(t, path)
		if good(status, body) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s still answers %d %s", path, status, body)
		}
	}
}

// waitLog waits until the log says something.
func (p *process) waitLog(t *testing.T, text string) {
	t.Helper()
	for deadline := time.After(patience); !strings.Contains(p.stderr.String(), text); {
		select {
		case <-p.stderr.printed:
		case <-deadline:
			t.Fatalf("the log does not say %q: %s", text, p.stderr)
		}
	}
}

func (p *process) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(p.endpoint + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// client is an SDK client as an application would make it.
func (p *process) client(options ...func(*sqs.Options)) *sqs.Client {
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String(p.endpoint), Region: "us-east-1", Credentials: keyPair("any", "any", ""),
	}, options...)
}

func keyPair(accessKey, secret, token string) aws.CredentialsProviderFunc {
	return func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret, SessionToken: token}, nil
	}
}

// try runs sqsd with arguments that it should refuse, and returns its exit code and what it said.
func try(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out := newOutput()
	return run(ctx, args, io.Discard, out), out.String()
}

// freeAddresses returns addresses of ports that were free a moment ago.
func freeAddresses(t *testing.T, n int) []string {
	t.Helper()
	var all []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		all = append(all, l.Addr().String())
	}
	return all
}

// startCluster starts three nodes and waits until all are ready.
func startCluster(t *testing.T) []*process {
	t.Helper()
	addresses := freeAddresses(t, 3)
	var entries []string
	for i, a := range addresses {
		entries = append(entries, fmt.Sprintf("%d=%s", i+1, a))
	}
	var nodes []*process
	for i := range addresses {
		nodes = append(nodes, start(t, "--data-dir", t.TempDir(), "--id", fmt.Sprint(i+1),
			"--peers", strings.Join(entries, ","), "--groups", "4"))
	}
	for _, p := range nodes {
		p.waitReady(t)
	}
	return nodes
}
