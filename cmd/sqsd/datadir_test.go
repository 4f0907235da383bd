package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

func TestTheMarkerFormatIsFixed(t *testing.T) {
	peers, err := parsePeers("3=c.example.org:9325,1=a.example.org:9325,2=b.example.org:9325")
	must(t, err)
	for name, s := range map[string]settings{
		"marker-alone.json":   {id: 1},
		"marker-cluster.json": {id: 2, groups: 16, peers: peers},
	} {
		s.dataDir = t.TempDir()
		d, err := openDataDir(s)
		must(t, err)
		must(t, d.close())
		got, err := os.ReadFile(filepath.Join(s.dataDir, markerName))
		must(t, err)
		golden := filepath.Join("testdata", name)
		if *rewrite {
			must(t, os.WriteFile(golden, got, 0o644))
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		if string(got) != string(want) {
			t.Errorf("%s: the marker is now\n%s\nwant\n%s", name, got, want)
		}
		if m, err := parseMarker(want); err != nil || m != d.marker {
			t.Errorf("%s is read as %+v, %v; want %+v", name, m, err, d.marker)
		}
	}
}

func TestTheClusterIDIsFixed(t *testing.T) {
	peers, err := parsePeers("1=a:1,2=b:2,3=c:3")
	must(t, err)
	const want = "a2e7512663440a92971edc33ff30370a"
	if got := clusterID(peers, 8).String(); got != want {
		t.Errorf("the id of a known cluster is %s, was %s: nodes of different versions would not talk", got, want)
	}
}

func FuzzParseMarker(f *testing.F) {
	f.Add([]byte(`{"format":1,"node":1,"groups":8,"peers":""}`))
	f.Add([]byte(`{"format":"1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := parseMarker(data); err == nil && (m.Node == 0 || m.Groups < 1 || m.Groups > maxGroups) {
			t.Errorf("%q was accepted as %+v", data, m)
		}
	})
}

func FuzzParsePeers(f *testing.F) {
	f.Add("1=a:1,2=b:2")
	f.Add("=,")
	f.Fuzz(func(t *testing.T, value string) {
		list, err := parsePeers(value)
		if err != nil {
			return
		}
		again, err := parsePeers(list.String())
		if err != nil || again.String() != list.String() {
			t.Errorf("%q was read as %s, which is read as %s, %v", value, list, again, err)
		}
	})
}
