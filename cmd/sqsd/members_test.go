package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// shortDir is a new directory whose path leaves room for a socket's name.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sqsd")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

// membership is a cluster under an operator's hands.
type membership struct {
	addresses []string // by id less one
	dirs      []string
}

func newMembership(t *testing.T, nodes int) *membership {
	t.Helper()
	m := &membership{addresses: freeAddresses(t, nodes)}
	for range nodes {
		m.dirs = append(m.dirs, shortDir(t))
	}
	return m
}

// args are the arguments of a node whose list of peers has so many.
func (m *membership) args(id, peers int, more ...string) []string {
	var list []string
	for i, a := range m.addresses[:peers] {
		list = append(list, fmt.Sprintf("%d=%s", i+1, a))
	}
	return append(more, "--id", fmt.Sprint(id), "--data-dir", m.dirs[id-1], "--peers", strings.Join(list, ","))
}

// start starts nodes 1 to 3 as a new cluster, and waits until they are ready.
func (m *membership) start(t *testing.T, groups int) []*child {
	t.Helper()
	nodes := make([]*child, 3)
	for i := range nodes {
		nodes[i] = startChild(t, m.args(i+1, 3, "--groups", fmt.Sprint(groups))...)
	}
	for _, c := range nodes {
		c.waitReady(t)
	}
	return nodes
}

// ask runs "sqsd members" at a node.
func (m *membership) ask(t *testing.T, id int, words ...string) (code int, stdout, stderr string) {
	t.Helper()
	return askMembers(t, m.dirs[id-1], words...)
}

func askMembers(t *testing.T, dir string, words ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := newOutput(), newOutput()
	code = run(ctx, append(append([]string{"members"}, words...), "--data-dir", dir), out, err)
	return code, out.String(), err.String()
}

// want runs "sqsd members" at a node, which must succeed and print something.
func (m *membership) want(t *testing.T, id int, words, part string) string {
	t.Helper()
	code, out, stderr := m.ask(t, id, strings.Fields(words)...)
	if code != exitOK || !regexp.MustCompile(part).MatchString(out) {
		t.Fatalf("sqsd members %s at node %d exits with %d, says %q, prints\n%s\nwant %s", words, id, code, stderr, out, part)
	}
	return out
}

// refuse runs "sqsd members" at a node, which must fail and say why.
func (m *membership) refuse(t *testing.T, id int, words string, parts ...string) {
	t.Helper()
	code, out, stderr := m.ask(t, id, strings.Fields(words)...)
	for _, part := range parts {
		if code != exitFailed || !strings.Contains(stderr, part) {
			t.Errorf("sqsd members %s at node %d exits with %d, says %q, prints\n%s\nwant %q", words, id, code, stderr, out, part)
		}
	}
}

// cluster is the id that a node prints.
func (m *membership) cluster(t *testing.T, id int) string {
	t.Helper()
	return regexp.MustCompile(`cluster (\S+)`).FindStringSubmatch(m.want(t, id, "", `cluster \S+`))[1]
}

// The commands are those of "Replacing, adding and removing nodes" in docs/operations.md.
func TestALostNodeIsReplaced(t *testing.T) {
	m := newMembership(t, 4)
	nodes := m.start(t, 3)
	var urls []*string
	for i := range 6 {
		urls = append(urls, createQueue(t, nodes[0].client(), fmt.Sprint("q", i)))
		send(t, nodes[0].client(), urls[i], "x")
	}
	nodes[2].end(t, os.Kill)
	must(t, os.RemoveAll(m.dirs[2]))
	for i := range 2 {
		nodes[i].end(t, syscall.SIGTERM)
		nodes[i] = startChild(t, m.args(i+1, 4)...)
		nodes[i].waitReady(t)
	}
	nodes = append(nodes, startChild(t, m.args(4, 4, "--join", m.cluster(t, 1))...))
	m.waitToBeAdded(t, nodes[3])

	for range 2 { // repeating changes nothing
		m.want(t, 1, "add 4", `group 2: node 4 votes\n$`)
		m.want(t, 2, "remove 3", `group 2: node 3 (is|was) removed\n$`)
	}
	nodes[3].waitLog(t, "this node has been added to all groups")
	nodes[3].end(t, syscall.SIGTERM)
	nodes[3] = startChild(t, m.args(4, 4)...) // it knows that it has joined
	nodes[3].waitReady(t)
	m.want(t, 4, "", `\n3 +\S+ +0 +0 +0\n4 +\S+ +3 +0 `)

	nodes[0].end(t, os.Kill)
	for _, url := range urls {
		if got := bodies(receive(t, nodes[3].client(), url, 10)); got != "x" {
			t.Errorf("received %q from %s, want what was sent before", got, *url)
		}
	}
	nodes[1].end(t, os.Kill)
	m.refuse(t, 4, "remove 2 --timeout 1s", "group 0: ", "not complete within 1s", "may be repeated")
}

// Node 4 has a name in --peers before it is there, so nothing has to be restarted when node 3 is lost.
func TestALostNodeIsReplacedByOneWhoseNameIsReserved(t *testing.T) {
	m := newMembership(t, 4)
	nodes := m.start(t, 3)
	url := createQueue(t, nodes[0].client(), "q")
	send(t, nodes[0].client(), url, "x")
	for i := range 3 {
		nodes[i].end(t, syscall.SIGTERM)
		nodes[i] = startChild(t, m.args(i+1, 4)...)
		nodes[i].waitReady(t)
	}
	nodes[2].end(t, os.Kill)
	nodes = append(nodes, startChild(t, m.args(4, 4, "--join", m.cluster(t, 1))...))
	m.want(t, 1, "add 4", `group 2: node 4 votes\n$`)
	m.want(t, 1, "remove 3", `group 2: node 3 (is|was) removed\n$`)
	nodes[1].end(t, os.Kill)
	if got := bodies(receive(t, nodes[3].client(), url, 10)); got != "x" {
		t.Errorf("received %q, want what was sent before", got)
	}
}

// waitToBeAdded checks what a node does that waits to be added.
func (m *membership) waitToBeAdded(t *testing.T, c *child) {
	t.Helper()
	c.waitLog(t, "this node waits to be added")
	if status, _ := c.get(t, "/health/ready"); status != http.StatusServiceUnavailable {
		t.Errorf("/health/ready of a node that waits to be added answers %d", status)
	}
	_, err := c.client(func(o *sqs.Options) { o.RetryMaxAttempts = 1 }).
		GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q0")})
	if err == nil || !strings.Contains(err.Error(), "waits to be added") {
		t.Errorf("a client of a node that waits to be added gets %v", err)
	}
	m.want(t, 4, "", `waits to be added to 3 groups`)
}

func TestARemovedNodeSaysSo(t *testing.T) {
	m := newMembership(t, 3)
	nodes := m.start(t, 2)
	m.want(t, 3, "remove 3", `group 1: node 3 is removed\n$`)
	nodes[2].waitLog(t, "this node has been removed from the cluster: stop it")
	if status, body := nodes[2].get(t, "/health/ready"); status != http.StatusServiceUnavailable {
		t.Errorf("/health/ready of the removed node answers %d %s", status, body)
	}
	m.want(t, 3, "", "node 3, asked here, was removed from 2 groups")
	_, err := nodes[2].client(func(o *sqs.Options) { o.RetryMaxAttempts = 1 }).
		ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if err == nil || !strings.Contains(err.Error(), "this node was removed from the cluster") {
		t.Errorf("a client of the removed node gets %v", err)
	}
	m.refuse(t, 1, "add 3", "group 0", "cannot come back under its id")
	nodes[0].waitReady(t)
	createQueue(t, nodes[1].client(), "q")
}

func TestAClusterOfOneGrows(t *testing.T) {
	m := newMembership(t, 2)
	p := start(t, m.args(1, 1, "--groups", "2")...)
	p.waitReady(t)
	cluster := m.cluster(t, 1)
	m.want(t, 1, "add 1", "group 1: node 1 votes")
	m.want(t, 1, "remove 7", "group 1: node 7 is not a member")
	m.refuse(t, 1, "add 2", "node 2 has no address in --peers of node 1", "restart the nodes")
	m.refuse(t, 1, "remove 1", "group 0: the group's last voter cannot be removed")
	p.stop(t)

	first := startChild(t, m.args(1, 2)...)
	second := startChild(t, m.args(2, 2, "--join", cluster)...)
	m.want(t, 2, "add 2", "group 1: node 2 votes")
	second.waitReady(t)
	first.end(t, syscall.SIGTERM)

	// Node 1 is not told of node 2 any more.
	first = startChild(t, m.args(1, 1)...)
	first.waitLog(t, "a member has no address in --peers of this node")
	m.want(t, 1, "", "node 2 is a member and has no address in --peers of node 1")
}

func TestANodeOfAnotherClusterIsRefused(t *testing.T) {
	m := newMembership(t, 2)
	first := start(t, m.args(1, 1, "--groups", "1")...)
	cluster := m.cluster(t, 1)
	first.stop(t)
	start(t, m.args(1, 2)...)
	other := newCluster(nil, 1).String()
	stranger := start(t, m.args(2, 2, "--join", other)...)
	stranger.waitLog(t, "peer belongs to another cluster")
	stranger.stop(t)
	for _, c := range []struct {
		name, says string
		args       []string
	}{
		{"another cluster", "it belongs to cluster " + other, m.args(2, 2, "--join", cluster)},
		{"no peers", "--peers is missing", []string{"--data-dir", m.dirs[1], "--id", "2"}},
		{"other groups", `--groups was "1" and is "2"`, m.args(2, 2, "--groups", "2")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code, stderr := try(t, append(c.args, "--listen", "127.0.0.1:0")...); code != exitUsage || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d: %s", code, stderr)
			}
		})
	}
}

func TestANodeAloneHasNoMembers(t *testing.T) {
	dir := shortDir(t)
	start(t, "--data-dir", dir, "--groups", "2")
	if code, out, stderr := askMembers(t, dir); code != exitOK || !strings.Contains(out, "node 1 is alone, with 2 groups") {
		t.Errorf("sqsd members exits with %d: %s%s", code, out, stderr)
	}
	if code, _, stderr := askMembers(t, dir, "add", "2"); code != exitFailed || !strings.Contains(stderr, "start a new cluster") {
		t.Errorf("sqsd members add 2 exits with %d: %s", code, stderr)
	}
	info, err := os.Stat(filepath.Join(dir, adminName))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v", info.Mode())
	}
}

func TestAPathTooLongForASocketIsNoReasonNotToServe(t *testing.T) {
	dir := filepath.Join(shortDir(t), strings.Repeat("long", 30))
	p := start(t, "--data-dir", dir, "--groups", "1")
	p.waitLog(t, "sqsd members cannot ask this server")
	createQueue(t, p.client(), "q")
}
