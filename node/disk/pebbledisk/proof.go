package pebbledisk

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Beside each manifest lies a file that says how far it has been synced: without it, damage to the last record would
// look like a torn end, and the store would go back to what it held before that record. It is a list of proofs, each a
// version (1 byte), a length (8) and a checksum of both (4); the last one that can be read counts.
const (
	proofSuffix  = ".synced"
	proofVersion = 1
	proofBytes   = 13
)

func isManifest(fs vfs.FS, path string) bool {
	base := fs.PathBase(path)
	return strings.HasPrefix(base, "MANIFEST-") && !strings.HasSuffix(base, proofSuffix)
}

// provenFile is a manifest that is being written.
type provenFile struct {
	vfs.File
	proofs  vfs.File
	written uint64
}

func (f *provenFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.written += uint64(n)
	return n, err
}

func (f *provenFile) Sync() error { return f.prove(f.File.Sync()) }

func (f *provenFile) SyncData() error { return f.prove(f.File.SyncData()) }

func (f *provenFile) prove(err error) error {
	if err == nil {
		_, err = f.proofs.Write(appendProof(nil, f.written))
	}
	if err == nil {
		err = f.proofs.SyncData()
	}
	return err
}

func (f *provenFile) Close() error { return errors.Join(f.File.Close(), f.proofs.Close()) }

func appendProof(dst []byte, length uint64) []byte {
	from := len(dst)
	dst = binary.BigEndian.AppendUint64(append(dst, proofVersion), length)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[from:], castagnoli))
}

// readProof says how far a manifest has been synced, as far as that can be known.
func readProof(fs vfs.FS, manifest string) (length int64, err error) {
	f, err := fs.Open(manifest + proofSuffix)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for {
		var p [proofBytes]byte
		if _, err := io.ReadFull(f, p[:]); err == io.EOF || err == io.ErrUnexpectedEOF {
			return length, nil
		} else if err != nil {
			return 0, err
		}
		sum := binary.BigEndian.Uint32(p[9:])
		if p[0] == proofVersion && sum == crc32.Checksum(p[:9], castagnoli) {
			length = int64(binary.BigEndian.Uint64(p[1:]))
		}
	}
}
