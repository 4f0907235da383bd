package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sqsd/node"
	"sqsd/node/disk/pebbledisk"
)

const (
	markerName = "sqsd.json"
	lockName   = "LOCK"
	// markerFormat is the version of the layout of a data directory: this file, "log" and "state".
	markerFormat = 1
)

// marker is the file that says whose data a directory holds. It is written once, when the directory is created.
type marker struct {
	Format int         `json:"format"`
	Node   node.NodeID `json:"node"`
	Groups int         `json:"groups"`
	Peers  string      `json:"peers"` // as in --peers, sorted; empty for a node alone
}

// dataDir is a locked data directory.
type dataDir struct {
	path   string
	marker marker
	lock   io.Closer
}

// openDataDir locks the directory and checks that it belongs to this node, or makes it this node's if it is new.
func openDataDir(s settings) (*dataDir, error) {
	if err := pebbledisk.MakeDir(vfs.Default, s.dataDir); err != nil {
		return nil, fmt.Errorf("data directory %q cannot be made: %w", s.dataDir, err)
	}
	lock, err := vfs.Default.Lock(filepath.Join(s.dataDir, lockName))
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("data directory %q cannot be written: %w", s.dataDir, err)
		}
		return nil, fmt.Errorf("data directory %q is in use by another sqsd: stop that one or choose another --data-dir",
			s.dataDir)
	}
	d := &dataDir{path: s.dataDir, lock: lock}
	if err := d.claim(s); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return d, nil
}

// claim reads the marker and compares it with the settings, or writes it in a new directory.
func (d *dataDir) claim(s settings) error {
	want := marker{Format: markerFormat, Node: s.id, Groups: s.groups, Peers: s.peers.String()}
	data, err := os.ReadFile(filepath.Join(d.path, markerName))
	if errors.Is(err, fs.ErrNotExist) {
		if err := d.checkEmpty(); err != nil {
			return err
		}
		if want.Groups == 0 {
			want.Groups = defaultGroups
		}
		d.marker = want
		return d.create()
	}
	if err != nil {
		return fmt.Errorf("data directory %q: %w", d.path, err)
	}
	if d.marker, err = parseMarker(data); err != nil {
		return fmt.Errorf("data directory %q: %s %w", d.path, markerName, err)
	}
	if want.Groups == 0 {
		want.Groups = d.marker.Groups
	}
	return d.compare(want)
}

func parseMarker(data []byte) (marker, error) {
	var m marker
	if err := json.Unmarshal(data, &m, json.RejectUnknownMembers(false)); err != nil {
		return m, fmt.Errorf("is damaged: %w", err)
	}
	if m.Format > markerFormat {
		return m, fmt.Errorf("has format %d; this sqsd knows up to %d: use a newer one", m.Format, markerFormat)
	}
	if m.Format < 1 || m.Node == 0 || m.Groups < 1 || m.Groups > maxGroups {
		return m, fmt.Errorf("is damaged: format %d, node %d, groups %d", m.Format, m.Node, m.Groups)
	}
	return m, nil
}

// compare refuses settings that the directory was not created with.
func (d *dataDir) compare(want marker) error {
	var differences []string
	differ := func(name string, was, is any) {
		if was != is {
			differences = append(differences, fmt.Sprintf("%s was %q and is %q", name, fmt.Sprint(was), fmt.Sprint(is)))
		}
	}
	differ("--id", d.marker.Node, want.Node)
	differ("--groups", d.marker.Groups, want.Groups)
	differ("--peers", d.marker.Peers, want.Peers)
	if len(differences) == 0 {
		return nil
	}
	return fmt.Errorf("data directory %q was created with other settings: %s: use those, or another --data-dir",
		d.path, strings.Join(differences, ", "))
}

// checkEmpty refuses a directory that holds something other than the beginnings of a data directory.
func (d *dataDir) checkEmpty() error {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return fmt.Errorf("data directory %q: %w", d.path, err)
	}
	for _, e := range entries {
		switch e.Name() {
		case lockName, markerName + ".new", "lost+found":
		default:
			return fmt.Errorf("data directory %q holds %q but no %s, so it is not sqsd's: choose another --data-dir",
				d.path, e.Name(), markerName)
		}
	}
	return nil
}

// create writes the marker so that it is there whole or not at all, and stays.
func (d *dataDir) create() error {
	data, err := json.Marshal(d.marker, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	err = replaceSynced(filepath.Join(d.path, markerName), append(data, '\n'))
	if err == nil {
		err = syncDir(filepath.Dir(filepath.Clean(d.path)))
	}
	if err != nil {
		return fmt.Errorf("data directory %q: %w", d.path, err)
	}
	return nil
}

// replaceSynced writes a file so that it is there whole or as it was, and stays.
func replaceSynced(name string, data []byte) error {
	err := writeSynced(name+".new", data)
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err == nil {
		err = syncDir(filepath.Dir(name))
	}
	return err
}

func writeSynced(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *dataDir) close() error { return d.lock.Close() }
