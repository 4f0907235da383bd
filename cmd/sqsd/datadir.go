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

	"sqsd/node/disk/pebbledisk"
)

const lockName = "LOCK"

// dataDir is a locked data directory.
type dataDir struct {
	path   string
	isNew  bool // it was made at this start
	marker marker
	lock   io.Closer
}

// privateFS makes directories for the server's user only: messages will be in them.
type privateFS struct{ vfs.FS }

func (f privateFS) MkdirAll(dir string, _ fs.FileMode) error { return f.FS.MkdirAll(dir, 0o700) }

// openDataDir locks the directory and checks that it belongs to this node, or makes it this node's if it is new.
func openDataDir(s settings) (*dataDir, error) {
	if err := pebbledisk.MakeDir(privateFS{vfs.Default}, s.dataDir); err != nil {
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
	data, err := os.ReadFile(filepath.Join(d.path, markerName))
	if errors.Is(err, fs.ErrNotExist) {
		if err := d.checkEmpty(); err != nil {
			return err
		}
		d.isNew = true
		return d.create(newMarker(s))
	}
	if err != nil {
		return fmt.Errorf("data directory %q: %w", d.path, err)
	}
	if d.marker, err = parseMarker(data); err != nil {
		return fmt.Errorf("data directory %q: %s %w", d.path, markerName, err)
	}
	return d.compare(s)
}

// compare refuses settings that contradict what the directory was created with.
func (d *dataDir) compare(s settings) error {
	m := d.marker
	var differences []string
	differ := func(name string, was, is any) {
		if was != is {
			differences = append(differences, fmt.Sprintf("%s was %q and is %q", name, fmt.Sprint(was), fmt.Sprint(is)))
		}
	}
	differ("--id", m.Node, s.id)
	if s.groups != 0 {
		differ("--groups", m.Groups, s.groups)
	}
	switch alone := m.Cluster == ""; {
	case alone && len(s.peers) > 0:
		differences = append(differences, "it is of a node alone, which cannot become one of a cluster: --peers cannot be given")
	case !alone && len(s.peers) == 0:
		differences = append(differences, "it is of a node of a cluster: --peers is missing")
	case s.join != nil && s.join.String() != m.Cluster:
		differences = append(differences, fmt.Sprintf("it belongs to cluster %s, --join names %s", m.Cluster, s.join))
	}
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

// create makes the directory a node's.
func (d *dataDir) create(m marker) error {
	if err := d.mark(m); err != nil {
		return fmt.Errorf("data directory %q: %w", d.path, err)
	}
	return nil
}

// mark writes the marker so that it is there whole or as it was, and stays.
func (d *dataDir) mark(m marker) error {
	data, err := m.encode()
	if err == nil {
		err = replaceSynced(filepath.Join(d.path, markerName), data)
	}
	d.marker = m
	return err
}

// outdated says that the directory has an older format.
func (d *dataDir) outdated() bool { return d.marker.Format < markerFormat }

// upgrade brings an outdated directory to the newest format. The log store must have the node's identity by then.
func (d *dataDir) upgrade() error {
	if !d.outdated() {
		return nil
	}
	err := os.Remove(filepath.Join(d.path, identityName))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		m := d.marker
		m.Format = markerFormat
		err = d.mark(m)
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
		err = pebbledisk.SyncDir(vfs.Default, filepath.Dir(name))
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

func (d *dataDir) close() error { return d.lock.Close() }
