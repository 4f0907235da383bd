package pebbledisk

import (
	"errors"
	"os"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// MakeDir makes dir and its missing ancestors, and makes their entries in their parents durable, each before anything
// is made below it. It syncs the entry of a directory that exists as well: whoever made that may have ended before its
// sync.
func MakeDir(fs vfs.FS, dir string) error {
	parent := fs.PathDir(dir)
	_, err := fs.Stat(dir)
	missing := errors.Is(err, os.ErrNotExist)
	if missing && parent != dir {
		if err := MakeDir(fs, parent); err != nil {
			return err
		}
	}
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	err = SyncDir(fs, parent)
	foreign := errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EINVAL) // then dir was not made by us
	if foreign && !missing {
		return nil
	}
	return err
}

// SyncDir makes the entries of a directory durable.
func SyncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
