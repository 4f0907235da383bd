package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"sqsd/cmd/sqsd/internal/members"
	"sqsd/node"
)

// adminName is the socket in the data directory at which a server is administered:
//
//	GET /members                            the standing, as JSON
//	POST /members/add/4?within=10m          make node 4 a member of all groups; a line of JSON for each piece of news
//	POST /members/remove/4?within=10m       the opposite
const adminName = "admin.sock"

// news is a line of the answer to a change of members. The last one has End.
type news struct {
	Group node.GroupID `json:"group"`
	Text  string       `json:"text,omitempty"`
	End   bool         `json:"end,omitempty"`
	Error string       `json:"error,omitempty"` // why the change is not complete; with End only
}

// listenAdmin makes the socket anew. Only the owner of the server's process may use it.
func listenAdmin(dir string) (net.Listener, error) {
	name := filepath.Join(dir, adminName)
	// The data directory is locked, so the socket is that of a server that has ended.
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", name)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// serveAdmin begins to answer at the socket in the data directory. The queues are served without it as well.
func (v *server) serveAdmin() {
	l, err := listenAdmin(v.dir.path)
	if err != nil {
		v.logger.Warn("sqsd members cannot ask this server: it has no socket in the data directory; the path of one has at most "+
			"about 100 bytes", "error", err)
		return
	}
	go v.admin.Serve(l)
}

// newAdminServer makes the server of the socket.
func (v *server) newAdminServer() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /members", func(w http.ResponseWriter, r *http.Request) {
		s, err := v.standing(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.MarshalWrite(w, s)
	})
	for _, wish := range []members.Wish{members.Add, members.Remove} {
		mux.HandleFunc(fmt.Sprintf("POST /members/%s/{node}", wish), func(w http.ResponseWriter, r *http.Request) {
			v.changeMembers(w, r, wish)
		})
	}
	return &http.Server{
		Handler: mux, ReadHeaderTimeout: readHeaderTimeout, ErrorLog: slog.NewLogLogger(v.logger.Handler(), slog.LevelDebug),
	}
}

// changeMembers answers while the change goes on.
func (v *server) changeMembers(w http.ResponseWriter, r *http.Request, wish members.Wish) {
	id, err := parseID(r.PathValue("node"))
	if err != nil {
		http.Error(w, fmt.Sprintf("node %q %v", r.PathValue("node"), err), http.StatusBadRequest)
		return
	}
	within, err := time.ParseDuration(r.FormValue("within"))
	if err == nil && within <= 0 {
		err = fmt.Errorf("a change cannot be complete within %v", within)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if v.dir.marker.Cluster == "" {
		http.Error(w, "this node was started without --peers, so it is alone for ever: start a new cluster instead",
			http.StatusConflict)
		return
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), within, fmt.Errorf("not complete within %v", within))
	defer cancel()
	tell := func(n news) {
		// A client that has gone ends ctx.
		json.MarshalWrite(w, n)
		w.Write([]byte{'\n'})
		http.NewResponseController(w).Flush()
	}
	v.logger.Info("members: asked by an operator", "wish", wish, "node", id)
	last := news{End: true}
	err = v.members.Fulfill(ctx, wish, id, func(g node.GroupID, text string) { tell(news{Group: g, Text: text}) })
	if err == nil {
		v.logger.Info("members: done as asked", "wish", wish, "node", id)
	} else {
		v.logger.Warn("members: not done as asked", "wish", wish, "node", id, "error", err)
		last.Error = err.Error()
	}
	tell(last)
}
