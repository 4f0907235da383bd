package main

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// somePeers start the cluster of these tests.
const somePeers = "3=c.example.org:9325,1=a.example.org:9325,2=b.example.org:9325"

func TestTheMarkerFormatIsFixed(t *testing.T) {
	peers, err := parsePeers(somePeers)
	must(t, err)
	here, err := parsePeers("2=b.example.org:9325,4=d.example.org:9325")
	must(t, err)
	join := newCluster(peers, 16)
	for name, s := range map[string]settings{
		"marker-2-alone.json":   {id: 1},
		"marker-2-cluster.json": {id: 2, groups: 16, peers: peers},
		"marker-2-joined.json":  {id: 4, peers: here, join: &join},
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
		if m, err := parseMarker(want); err != nil || !reflect.DeepEqual(m, d.marker) {
			t.Errorf("%s is read as %+v, %v; want %+v", name, m, err, d.marker)
		}
	}
}

func TestAMarkerOfFormat1SaysTheSame(t *testing.T) {
	for _, name := range []string{"alone", "cluster"} {
		older, err := os.ReadFile(filepath.Join("testdata", "marker-1-"+name+".json"))
		must(t, err)
		newer, err := os.ReadFile(filepath.Join("testdata", "marker-2-"+name+".json"))
		must(t, err)
		got, err := parseMarker(older)
		must(t, err)
		want, err := parseMarker(newer)
		must(t, err)
		want.Format = 1
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the marker of %s is read as %+v, want %+v", name, got, want)
		}
	}
}

func TestABadMarkerIsRefused(t *testing.T) {
	peers, err := parsePeers(somePeers)
	must(t, err)
	eight := newCluster(peers, 8).String()
	for _, c := range []struct{ name, marker, says string }{
		{"no JSON", `{`, "is damaged"},
		{"newer", `{"format":3,"node":1,"groups":8}`, "has format 3; this sqsd knows up to 2"},
		{"no node", `{"format":2,"groups":8,"founders":[1]}`, "is damaged"},
		{"too many groups", `{"format":2,"node":1,"groups":257,"founders":[1]}`, "is damaged"},
		{"another's", `{"format":2,"node":1,"groups":8,"founders":[2]}`, "is damaged"},
		{"neither founder nor joined", `{"format":2,"node":1,"groups":8}`, "is damaged"},
		{"cluster of other groups", `{"format":2,"node":1,"groups":9,"cluster":"` + eight + `"}`, "is damaged"},
		{"cluster misspelt", `{"format":2,"node":1,"groups":9,"cluster":"9` + eight[1:] + `"}`, "is not the id of a cluster"},
		{"format 1, peers misspelt", `{"format":1,"node":1,"groups":8,"peers":"1"}`, "is damaged: peers"},
		{"format 1, not among its peers", `{"format":1,"node":1,"groups":8,"peers":"2=a:1"}`, "is damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m, err := parseMarker([]byte(c.marker)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("read as %+v, %v; want an error that says %q", m, err, c.says)
			}
		})
	}
}

func TestANewDataDirectoryIsItsUsersOnly(t *testing.T) {
	parent := t.TempDir()
	there := filepath.Join(parent, "there")
	must(t, os.Mkdir(there, 0o750))
	for dir, want := range map[string]os.FileMode{filepath.Join(parent, "new", "data"): 0o700, there: 0o750} {
		d, err := openDataDir(settings{id: 1, dataDir: dir})
		must(t, err)
		must(t, d.close())
		info, err := os.Stat(dir)
		must(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", dir, got, want)
		}
	}
}

func TestTheClusterIDIsFixed(t *testing.T) {
	peers, err := parsePeers("1=a:1,2=b:2,3=c:3")
	must(t, err)
	c := newCluster(peers, 8)
	const want = "a2e7512663440a92971edc33ff30370a"
	if got := c.id.String(); got != want {
		t.Errorf("the id of a known cluster is %s, was %s: nodes of different versions would not talk", got, want)
	}
	if again, err := parseCluster(c.String()); err != nil || again != c {
		t.Errorf("%s is read as %v, %v", c, again, err)
	}
}

func FuzzParseMarker(f *testing.F) {
	f.Add([]byte(`{"format":1,"node":1,"groups":8,"peers":""}`))
	f.Add([]byte(`{"format":2,"node":1,"groups":8,"founders":[1]}`))
	f.Add([]byte(`{"format":"1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMarker(data)
		if err != nil {
			return
		}
		c, err := m.cluster()
		if err != nil || m.Node == 0 || m.Groups < 1 || m.Groups > maxGroups || m.Cluster != "" && c.groups != m.Groups {
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
