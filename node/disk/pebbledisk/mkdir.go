package pebbledisk

import (
	"errors"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// makeDir makes dir and its missing ancestors, and makes their entries in their parents durable. The entry of dir
// itself is synced even if dir exists: whoever made it may have crashed before its sync.
func makeDir(fs vfs.FS, dir string) error {
	parents := []string{fs.PathDir(dir)}
	for {
		last := parents[len(parents)-1]
		if _, err := fs.Stat(last); err == nil {
			break
		}
		parents = append(parents, fs.PathDir(last))
	}
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, parent := range parents {
		if err := syncDir(fs, parent); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
