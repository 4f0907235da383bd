package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A node that promised its peers to keep a log and comes back without it, or with less of it, has broken what raft rests
// on. It must not serve, and it must say so.
func TestANodeThatIsNotWhatItWasIsNotLetIn(t *testing.T) {
	for _, c := range []struct {
		name, says string
		lose       func(t *testing.T, dir string, live func()) error
	}{
		{"new data directory", "this node has lost its data", func(_ *testing.T, dir string, _ func()) error { return os.RemoveAll(dir) }},
		{"log and state deleted", "this node has lost its data", func(_ *testing.T, dir string, _ func()) error {
			return errors.Join(os.RemoveAll(filepath.Join(dir, "log")), os.RemoveAll(filepath.Join(dir, "state")))
		}},
		{"copy from before it last ran", "this node's data is an older copy", func(t *testing.T, dir string, live func()) error {
			backup := filepath.Join(t.TempDir(), "backup")
			err := errors.Join(os.Remove(filepath.Join(dir, adminName)), os.CopyFS(backup, os.DirFS(dir)))
			live()
			return errors.Join(err, os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(backup)))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if said := loseData(t, c.lose); !strings.Contains(said, c.says) {
				t.Errorf("the node says: %s", said)
			}
		})
	}
}

// loseData runs three nodes, kills one, takes away what it has stored and starts it again. It must end by itself, and the
// others go on. loseData returns what it said. live runs the node once more in between.
func loseData(t *testing.T, lose func(t *testing.T, dir string, live func()) error) (said string) {
	addresses := freeAddresses(t, 3)
	peers := "1=" + addresses[0] + ",2=" + addresses[1] + ",3=" + addresses[2]
	dir := t.TempDir()
	member := func(id int, dir string) []string {
		return []string{"--data-dir", dir, "--id", fmt.Sprint(id), "--peers", peers, "--groups", "1"}
	}
	first := start(t, member(1, t.TempDir())...)
	start(t, member(2, t.TempDir())...)
	third := startChild(t, member(3, dir)...)
	// Node 1 is the preferred leader of group 0, so it leads while all are well.
	first.waitHealth(t, "/health/leader", func(_ int, body string) bool { return strings.Contains(body, `"leads":[0]`) })
	third.waitReady(t)
	url := createQueue(t, third.client(), "q")
	send(t, third.client(), url, "x")
	third.end(t, os.Kill)
	must(t, lose(t, dir, func() {
		again := startChild(t, member(3, dir)...)
		again.waitReady(t)
		again.end(t, os.Kill)
	}))

	third = startChild(t, member(3, dir)...)
	state := third.end(t) // by itself
	if state.ExitCode() != exitFailed {
		t.Errorf("the process ended with %v", state)
	}
	if got := receive(t, first.client(), url, 1); len(got) != 1 || *got[0].Body != "x" {
		t.Errorf("the other two nodes serve %+v, want the message", got)
	}
	return third.stderr.String()
}

func TestAPanicOfTheFrontEndIsLoggedAndCutsTheConnection(t *testing.T) {
	out := newOutput()
	server := newHTTPServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") }), nil, newMetrics(),
		slog.New(slog.NewTextHandler(out, nil)))
	front := httptest.NewServer(server.Handler)
	defer front.Close()
	if resp, err := http.Get(front.URL + "/q"); err == nil {
		resp.Body.Close()
		t.Errorf("the request was answered with %s", resp.Status)
	}
	if said := out.String(); !strings.Contains(said, "level=ERROR") || !strings.Contains(said, `panic="a bug"`) ||
		!strings.Contains(said, "path=/q") {
		t.Errorf("the log says %s", said)
	}
}
