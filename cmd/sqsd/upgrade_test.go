package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// raised is what a node logs when a group goes over to a newer format.
const raised = "the format is raised from 1 to 2"

func TestADataDirectoryOfANewerFormatIsRefusedAndUnharmed(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "--data-dir", dir, "--groups", "1", "--max-format", "1", "--log-level", "debug")
	url := createQueue(t, p.client(), "q")
	send(t, p.client(), url, "a")
	p.stop(t)
	if strings.Contains(p.stderr.String(), raised) {
		t.Error("a node that holds format 1 raised its group")
	}

	p = start(t, "--data-dir", dir, "--log-level", "debug")
	p.waitLog(t, raised)
	send(t, p.client(), url, "b")
	p.stop(t)

	for range 2 {
		code, stderr := try(t, "--data-dir", dir, "--listen", "127.0.0.1:0", "--max-format", "1")
		for _, part := range []string{"written by a newer version", "format 2", "up to 1", "unharmed", dir} {
			if code != exitUsage || !strings.Contains(stderr, part) {
				t.Errorf("exit code %d, and the message does not say %q: %s", code, part, stderr)
			}
		}
	}

	p = start(t, "--data-dir", dir)
	if got := bodies(receive(t, p.client(), url, 10)); got != "a b" {
		t.Errorf("received %q, want %q", got, "a b")
	}
}

func TestAClusterIsUpgradedNodeByNode(t *testing.T) {
	addresses := freeAddresses(t, 3)
	var peers, dirs []string
	for i, a := range addresses {
		peers, dirs = append(peers, fmt.Sprintf("%d=%s", i+1, a)), append(dirs, t.TempDir())
	}
	node := func(i int, more ...string) *child {
		return startChild(t, append(more, "--data-dir", dirs[i], "--id", fmt.Sprint(i+1), "--peers", strings.Join(peers, ","),
			"--groups", "2")...)
	}
	var nodes []*child
	for i := range addresses {
		nodes = append(nodes, node(i, "--max-format", "1"))
	}
	for _, c := range nodes {
		c.waitReady(t)
	}
	url := createQueue(t, nodes[0].client(), "q")
	for i := range nodes {
		send(t, nodes[i].client(), url, fmt.Sprint("before ", i))
		nodes[i].end(t, syscall.SIGTERM)
		if !strings.Contains(nodes[i].stderr.String(), "others lead all groups") {
			t.Errorf("node %d stopped without handing over what it led", i+1)
		}
		if strings.Contains(nodes[i].stderr.String(), raised) {
			t.Errorf("the group was raised while node %d had an old binary", i+1)
		}
		nodes[i] = node(i)
		nodes[i].waitReady(t)
	}
	for i, c := range nodes {
		c.waitLog(t, raised)
		send(t, c.client(), url, fmt.Sprint("after ", i))
	}
	wantCounters(t, nodes[1].client(), url, 6, 0)
}
