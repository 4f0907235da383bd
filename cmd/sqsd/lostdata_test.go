package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A cluster grew from node 1, which loses its disk and is started as it was at first.
func TestAFounderThatHasLostItsDiskIsToldByThoseWhoJoined(t *testing.T) {
	m := newMembership(t, 2)
	first := startChild(t, m.args(1, 1, "--groups", "1")...)
	first.waitReady(t)
	cluster := m.cluster(t, 1)
	first.end(t, syscall.SIGTERM)
	first = startChild(t, m.args(1, 2)...)
	second := startChild(t, m.args(2, 2, "--join", cluster)...)
	m.refuse(t, 1, "add 2 --timeout -1s", "a change cannot be complete within -1s")
	m.want(t, 1, "add 2", "votes")
	second.waitReady(t)
	first.end(t, os.Kill)
	must(t, os.RemoveAll(m.dirs[0]))
	startChild(t, m.args(1, 1, "--groups", "1")...).wantRefused(t, "node 2 knows it with other data")
	for range 2 {
		code, stderr := try(t, append(m.args(1, 1), "--listen", "127.0.0.1:0")...)
		if code != exitUsage || !strings.Contains(stderr, "node 2 knows it with other data") {
			t.Errorf("started again: exit code %d: %s", code, stderr)
		}
	}
}

func TestARolledBackNodeIsRefusedHoweverOftenItIsStarted(t *testing.T) {
	m := newMembership(t, 2)
	one := startChild(t, m.args(1, 2, "--groups", "1")...)
	one.waitLog(t, "this node is new")
	m.want(t, 1, "", `takes no part before it has met nodes \[2\]`)
	two := startChild(t, m.args(2, 2, "--groups", "1")...)
	one.waitReady(t)
	two.waitReady(t)
	two.end(t, os.Kill)
	backup := filepath.Join(t.TempDir(), "backup")
	must(t, errors.Join(os.Remove(filepath.Join(m.dirs[1], adminName)), os.CopyFS(backup, os.DirFS(m.dirs[1]))))
	two = startChild(t, m.args(2, 2)...)
	two.waitReady(t)
	createQueue(t, two.client(), "q")
	two.end(t, os.Kill)
	one.end(t, os.Kill)
	must(t, errors.Join(os.RemoveAll(m.dirs[1]), os.CopyFS(m.dirs[1], os.DirFS(backup))))
	for range 2 { // nobody is there
		startChild(t, m.args(2, 2)...).end(t, os.Kill)
	}
	startChild(t, m.args(1, 2)...)
	startChild(t, m.args(2, 2)...).wantRefused(t, "node 1 has met it in life 2")
	for range 2 {
		code, stderr := try(t, append(m.args(2, 2), "--listen", "127.0.0.1:0")...)
		if code != exitUsage || !strings.Contains(stderr, "node 1 has met it in life 2") {
			t.Errorf("started again: exit code %d: %s", code, stderr)
		}
	}
}
