package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
)

func TestTheIdentityFormatIsFixed(t *testing.T) {
	golden := filepath.Join("testdata", "identity.json")
	i := &identity{name: filepath.Join(t.TempDir(), identityName), file: identityFile{
		Format: 1, Data: peer.DataID{1, 2, 3}, Peers: map[node.NodeID]peer.DataID{2: {4}, 3: {5}},
	}}
	must(t, i.save())
	got, err := os.ReadFile(i.name)
	must(t, err)
	if *rewrite {
		must(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if string(got) != string(want) {
		t.Errorf("the identity is now\n%s\nwant\n%s", got, want)
	}
}

func TestAPeerIsKnownByItsDataForGood(t *testing.T) {
	dir := t.TempDir()
	i, err := newIdentity(dir)
	must(t, err)
	must(t, i.Meet(2, peer.DataID{7}))
	again, err := loadIdentity(dir)
	must(t, err)
	if again.Data() != i.Data() || again.Known(2) != (peer.DataID{7}) || again.Known(3) != (peer.DataID{}) {
		t.Errorf("read %+v, want %+v", again.file, i.file)
	}
	must(t, again.Meet(2, peer.DataID{7}))
	if err := again.Meet(2, peer.DataID{8}); err == nil || !strings.Contains(err.Error(), "other data") {
		t.Errorf("a peer with other data is met: %v", err)
	}
}

func TestADataDirectoryOfAClusterNeedsItsIdentity(t *testing.T) {
	peers, err := parsePeers("1=a:1,2=b:2,3=c:3")
	must(t, err)
	s := settings{id: 1, groups: 2, peers: peers, dataDir: t.TempDir()}
	d, err := openDataDir(s)
	must(t, err)
	must(t, d.close())
	must(t, os.Remove(filepath.Join(s.dataDir, identityName)))
	if _, err := openDataDir(s); err == nil || !strings.Contains(err.Error(), "identity.json is missing") {
		t.Errorf("opened without an identity: %v", err)
	}
}

func FuzzParseIdentity(f *testing.F) {
	f.Add([]byte(`{"format":1,"data":"01020300000000000000000000000000","peers":{"2":"04000000000000000000000000000000"}}`))
	f.Add([]byte(`{"format":1,"data":"0"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if i, err := parseIdentity(data); err == nil && i.Data == (peer.DataID{}) {
			t.Errorf("%q was accepted as %+v", data, i)
		}
	})
}
