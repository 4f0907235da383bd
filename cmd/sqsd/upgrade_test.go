package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"sqsd/node"
	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// raised is what a node logs when a group goes over to a newer format.
const raised = "the format is raised from 1 to 2"

func TestANewNodeAloneKeepsTheFormatOfItsDataToItself(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "1", "--log-level", "debug")
	p.waitLog(t, raised)
	for line := range strings.Lines(p.stderr.String()) {
		if strings.Contains(line, raised) && !strings.Contains(line, "level=DEBUG") {
			t.Errorf("it is told: %s", line)
		}
	}
}

func TestADataDirectoryOfANewerFormatIsRefusedAndUnharmed(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "--data-dir", dir, "--groups", "1", "--max-format", "1")
	url := createQueue(t, p.client(), "q")
	send(t, p.client(), url, "a")
	p.stop(t)
	if strings.Contains(p.stderr.String(), raised) {
		t.Error("a node that holds format 1 raised its group")
	}

	p = start(t, "--data-dir", dir)
	p.waitLog(t, raised)
	send(t, p.client(), url, "b")
	p.stop(t)
	if strings.Contains(p.stderr.String(), "leads term") {
		t.Errorf("a node alone says that it leads itself: %s", p.stderr)
	}

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

// toFormat1 makes a data directory one of a build that kept the node's identity in a file, and names peers in the marker.
func toFormat1(t *testing.T, dir string, id int, peers string) {
	t.Helper()
	d, err := pebbledisk.OpenDisk(pebbledisk.Settings{Dir: dir, CacheBytes: 1 << 20})
	must(t, err)
	golden, err := os.ReadFile("../../node/testdata/golden/key-identity.hex")
	must(t, err)
	key, err := hex.DecodeString(strings.TrimSpace(string(golden)))
	must(t, err)
	log := d.Group(func(f func()) { f() }).Log
	_, err = log.Get(key)
	must(t, err)
	var b disk.Batch
	b.Delete(key)
	must(t, log.Apply(&b))
	must(t, d.Close())
	if peers != "" {
		identity := fmt.Sprintf(`{"format":1,"data":"%032x","peers":{"1":"%032x","2":"%032x","3":"%032x"}}`, id, 1, 2, 3)
		must(t, os.WriteFile(filepath.Join(dir, identityName), []byte(identity), 0o644))
	}
	marker := fmt.Sprintf(`{"format":1,"node":%d,"groups":2,"peers":%q}`, id, peers)
	must(t, os.WriteFile(filepath.Join(dir, markerName), []byte(marker), 0o644))
}

func TestDataOfFormat1IsTakenOver(t *testing.T) {
	m := newMembership(t, 3)
	peers := m.args(1, 3)
	nodes := m.start(t, 2)
	url, cluster := createQueue(t, nodes[0].client(), "q"), m.cluster(t, 1)
	send(t, nodes[0].client(), url, "a")
	for i, p := range nodes {
		p.end(t, os.Kill)
		toFormat1(t, m.dirs[i], i+1, peers[len(peers)-1])
	}
	for i := range nodes {
		nodes[i] = startChild(t, m.args(i+1, 3)...)
	}
	for i, p := range nodes {
		p.waitReady(t)
		if got := m.cluster(t, i+1); got != cluster {
			t.Errorf("node %d is of cluster %s, was of %s", i+1, got, cluster)
		}
		data, err := os.ReadFile(filepath.Join(m.dirs[i], markerName))
		must(t, err)
		if _, err := os.Stat(filepath.Join(m.dirs[i], identityName)); err == nil || !strings.Contains(string(data), `"format": 2`) {
			t.Errorf("node %d has %s still (%v), and the marker %s", i+1, identityName, err, data)
		}
	}
	if got := bodies(receive(t, nodes[1].client(), url, 10)); got != "a" {
		t.Errorf("received %q, want %q", got, "a")
	}
	// Node 3 loses its disk before the others have met it with the new program.
	for i, p := range nodes {
		p.end(t, os.Kill)
		toFormat1(t, m.dirs[i], i+1, peers[len(peers)-1])
	}
	must(t, os.RemoveAll(m.dirs[2]))
	startChild(t, m.args(1, 3)...)
	startChild(t, m.args(3, 3, "--groups", "2")...).wantRefused(t, "this node has lost its data")
}

func TestAnIdentityOfFormat1IsRead(t *testing.T) {
	d := dataDir{path: t.TempDir(), marker: marker{Format: 1}}
	name := filepath.Join(d.path, identityName)
	for text, want := range map[string]*node.Adoption{
		"": {},
		`{"format":1,"data":"01020300000000000000000000000000","peers":{"2":"04000000000000000000000000000000"}}`: {
			Data: node.DataID{1, 2, 3}, Peers: map[node.NodeID]node.DataID{2: {4}}},
		`{"format":1,"data":"0102"}`:                             nil,
		`{"format":2,"data":"01020300000000000000000000000000"}`: nil,
		`{}`: nil,
	} {
		if text != "" {
			must(t, os.WriteFile(name, []byte(text), 0o644))
		}
		got, err := d.oldIdentity()
		if (err == nil) != (want != nil) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
		must(t, os.RemoveAll(name))
	}
}

func TestDataOfFormat1AloneIsTakenOver(t *testing.T) {
	dir := shortDir(t)
	p := start(t, "--data-dir", dir, "--groups", "2")
	url := createQueue(t, p.client(), "q")
	send(t, p.client(), url, "a")
	p.stop(t)
	toFormat1(t, dir, 1, "")
	for range 2 {
		p = start(t, "--data-dir", dir)
		wantCounters(t, p.client(), url, 1, 0)
		p.stop(t)
	}
}
