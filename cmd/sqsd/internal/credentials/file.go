package credentials

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"sqsd/wire"
)

// pollEvery is how often the file is looked at.
const pollEvery = time.Second

// File is a credentials file and what it said when it was last good.
type File struct {
	name   string
	logger *slog.Logger
	pairs  atomic.Pointer[map[string]KeyPair] // by access key

	read, seen fs.FileInfo // when last read, and at the last poll; nil if the file was not there
	complaint  string      // the last one logged since the last good reading
}

// Open reads a credentials file for the first time.
func Open(name string, logger *slog.Logger) (*File, error) {
	f := &File{name: name, logger: logger}
	var err error
	if f.seen, err = stat(name); err != nil {
		return nil, err
	}
	if err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// Lookup finds the key pair of an access key. It may be called from many goroutines.
func (f *File) Lookup(accessKey string) (wire.Credential, bool) {
	pair, known := (*f.pairs.Load())[accessKey]
	return pair.Credential, known
}

// Watch reads the file again whenever it has changed, until ctx ends.
func (f *File) Watch(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.poll()
		}
	}
}

// poll reads a file that has changed once it looks the same twice in a row, so that one which is still being written is
// left alone. The key pairs of a file that cannot be read or understood do not count: the last good ones stay.
func (f *File) poll() {
	info, err := stat(f.name)
	settled := same(info, f.seen)
	f.seen = info
	if err == nil && settled && !same(info, f.read) {
		err = f.load()
	}
	if err != nil {
		f.complain(err)
	}
}

// stat looks at the file, which is nil if there is none to be read.
func stat(name string) (fs.FileInfo, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name) // reading a pipe could wait for ever
	}
	return info, nil
}

// same says whether a file looks unchanged.
func same(a, b fs.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) &&
		a.Mode() == b.Mode()
}

// complain logs why the file is of no use, once.
func (f *File) complain(err error) {
	if text := err.Error(); text != f.complaint {
		f.complaint = text
		f.logger.Error("the credentials stay as they were: the changed file is of no use", "file", f.name, "error", err)
	}
}

// load reads the file as it was last seen.
func (f *File) load() error {
	f.read = f.seen
	pairs, err := readFile(f.name)
	if err != nil {
		return err
	}
	byKey := make(map[string]KeyPair, len(pairs))
	profiles := make([]string, 0, len(pairs))
	for _, p := range pairs {
		byKey[p.AccessKey] = p
		profiles = append(profiles, p.Profile)
	}
	f.pairs.Store(&byKey)
	f.complaint = ""
	f.logger.Info("credentials read", "file", f.name, "profiles", profiles)
	if mode := f.read.Mode(); mode.Perm()&0o007 != 0 {
		f.logger.Warn("everyone on this machine may open the credentials file: take that right away with chmod o=",
			"file", f.name, "mode", mode)
	}
	return nil
}

// readFile reads at most what Parse accepts.
func readFile(name string) (pairs []KeyPair, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	text, err := io.ReadAll(io.LimitReader(file, MaxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if pairs, err = Parse(string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return pairs, nil
}
