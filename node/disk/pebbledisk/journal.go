package pebbledisk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"

	"sqsd/node/disk"
)

// Pebble takes a record that it cannot read for the torn end of its journal (the log, or the manifest), because a crash
// leaves such an end, and forgets what follows. It looks for proof of damage only in later blocks of 32 KiB, and its
// proof covers only a part of what was synced. So before Pebble opens a store, these checks read the journals
// themselves and refuse a store that was damaged before its torn end. What they need in the log is the marker that
// every synced commit carries: how far the log had been synced when the commit was written.
//
// For the manifest a file beside it says how far it was synced (proof.go). In the log, damage to what the very last sync
// wrote cannot be told from a torn write and is not found.

// A journal is a sequence of blocks, which hold chunks, which hold records: a record is one full chunk, or a first, any
// number of middle, and a last one. A chunk is a checksum (4 bytes), a length (2), an encoding (1), in a log also the
// log's number (4) and in all logs but a store's first an offset (8), and then as many bytes as the length says.
const (
	journalBlock  = 32 << 10
	minHeader     = 7
	maxHeader     = 19
	batchHeader   = 12
	logDataKind   = 3
	markerVersion = 1
	markerBytes   = 9
)

// chunkFormat is a way to write chunks. Its four encodings follow base.
type chunkFormat struct {
	base   byte
	header int
}

var (
	manifestFormat = chunkFormat{0, minHeader}
	firstLogFormat = chunkFormat{4, minHeader + 4}
	logFormat      = chunkFormat{8, maxHeader}
)

// chunkPlace says which part of a record a chunk is.
type chunkPlace byte

const (
	fullChunk chunkPlace = iota + 1
	firstChunk
	middleChunk
	lastChunk
)

// syncMarker is what a commit says of the log: every batch with a sequence number below next had been synced.
func syncMarker(next uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{markerVersion}, next)
}

// checkJournals looks for damage in a store's directory before Pebble opens it.
func checkJournals(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return mapError(err)
	}
	manifest, err := atomicfs.ReadMarker(fs, dir, "manifest")
	if err == nil && slices.Contains(names, manifest) {
		path := fs.PathJoin(dir, manifest)
		synced, err := readProof(fs, path)
		if err != nil {
			return mapError(err)
		}
		j := journal{parse: parseManifestChunk, visit: (&manifestCheck{}).visit, synced: synced}
		if err := j.check(fs, path); err != nil {
			return err
		}
	}
	isTable := func(name string) bool { return strings.HasSuffix(name, ".sst") }
	if err == nil && manifest == "" && slices.ContainsFunc(names, isTable) {
		return fmt.Errorf("%w: %s has tables and no marker of the manifest", disk.ErrCorrupt, dir) // not a new store
	}
	if name, number := newestLog(names); name != "" {
		j := journal{parse: logParser(number), visit: (&logCheck{}).visit}
		return j.check(fs, fs.PathJoin(dir, name))
	}
	return nil
}

// newestLog finds the log that may have a torn end; Pebble accepts no torn end in older ones.
func newestLog(names []string) (name string, number uint64) {
	for _, n := range names {
		base, ok := strings.CutSuffix(n, ".log")
		if parsed, err := strconv.ParseUint(base, 10, 64); ok && err == nil && parsed >= number {
			name, number = n, parsed
		}
	}
	return name, number
}

// journal walks through one file.
type journal struct {
	// parse reads the chunk at the start of b. end says that the journal was closed there.
	parse func(b []byte) (place chunkPlace, payload []byte, size int, end bool)
	// visit takes a chunk; broken says that something before it could not be read. Its error ends the walk.
	visit func(place chunkPlace, payload []byte, broken bool) error
	// synced is how long the journal is known to have been.
	synced int64
}

// check walks through a file. It fails with disk.ErrCorrupt if visit finds proof that what is broken was whole once.
func (j *journal) check(fs vfs.FS, name string) error {
	f, err := fs.Open(name, vfs.SequentialReadsOption)
	if err != nil {
		return mapError(err)
	}
	defer f.Close()
	block := make([]byte, journalBlock)
	broken := false
	for whole := int64(0); ; {
		n, err := io.ReadFull(f, block)
		if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
			return mapError(err)
		}
		var end bool
		var read int
		if read, end, err = j.walk(block[:n], broken); err == nil && !broken {
			whole += int64(read)
			broken = read < n
			if whole < j.synced && (broken || n < journalBlock) {
				err = errHole
			}
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", disk.ErrCorrupt, name, err)
		}
		if end || n < journalBlock {
			return nil
		}
	}
}

// walk visits the chunks of one block, and says how much of it is read before something broken. Behind that it looks for
// chunks at every place.
func (j *journal) walk(block []byte, broken bool) (read int, end bool, err error) {
	read = len(block)
	for b := block; len(b) >= minHeader; {
		place, payload, size, end := j.parse(b)
		switch {
		case end && !broken:
			return read, true, nil
		case size > 0:
			if err := j.visit(place, payload, broken); err != nil {
				return read, false, err
			}
			b = b[size:]
		case !broken && len(b) < maxHeader && isZero(b):
			return read, false, nil // padding
		default:
			if !broken {
				broken, read = true, len(block)-len(b)
			}
			b = b[1:]
		}
	}
	return read, false, nil
}

func isZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

func parseManifestChunk(b []byte) (place chunkPlace, payload []byte, size int, end bool) {
	place, payload, size = manifestFormat.parse(b)
	return place, payload, size, false
}

func logParser(number uint64) func([]byte) (chunkPlace, []byte, int, bool) {
	return func(b []byte) (place chunkPlace, payload []byte, size int, end bool) {
		if len(b) < firstLogFormat.header {
			return 0, nil, 0, false
		}
		of := binary.LittleEndian.Uint32(b[minHeader:])
		if of != uint32(number) && of != uint32(number)+1 {
			return 0, nil, 0, false // for example a chunk of the log whose file this was before
		}
		if place, payload, size = firstLogFormat.parse(b); size == 0 {
			place, payload, size = logFormat.parse(b)
		}
		if size > 0 && of != uint32(number) {
			return 0, nil, 0, len(payload) == 0 // the trailer of a closed log
		}
		return place, payload, size, false
	}
}

// parse reads the chunk at the start of b; without one the size is 0.
func (f chunkFormat) parse(b []byte) (place chunkPlace, payload []byte, size int) {
	if len(b) < f.header || b[6] <= f.base || b[6] > f.base+byte(lastChunk) {
		return 0, nil, 0
	}
	size = f.header + int(binary.LittleEndian.Uint16(b[4:]))
	if size > len(b) {
		return 0, nil, 0
	}
	sum := crc32.Checksum(b[6:size], castagnoli)
	if (sum>>15|sum<<17)+0xa282ead8 != binary.LittleEndian.Uint32(b) {
		return 0, nil, 0
	}
	return chunkPlace(b[6] - f.base), b[f.header:size], size
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errHole = errors.New("a record is damaged, and later ones show that it was synced")

// manifestCheck knows that each record of the manifest is synced before the next one is written.
type manifestCheck struct{}

func (*manifestCheck) visit(place chunkPlace, _ []byte, broken bool) error {
	if broken && (place == fullChunk || place == firstChunk) {
		return errHole
	}
	return nil
}

// logCheck compares the sequence number at which the log breaks with the markers behind.
type logCheck struct {
	// lost is the sequence number of the first batch that cannot be read, or if that is not known, of a later one.
	lost    uint64
	known   bool
	pending uint64 // next sequence number after the record that is being read
}

func (c *logCheck) visit(place chunkPlace, payload []byte, broken bool) error {
	starts := (place == fullChunk || place == firstChunk) && len(payload) >= batchHeader
	if starts {
		c.pending = binary.LittleEndian.Uint64(payload) + uint64(binary.LittleEndian.Uint32(payload[8:]))
	}
	if !broken {
		if place == fullChunk || place == lastChunk {
			c.lost, c.known = c.pending, true
		}
		return nil
	}
	if !starts {
		return nil
	}
	if !c.known {
		c.lost, c.known = binary.LittleEndian.Uint64(payload), true
	}
	if next, ok := readMarker(payload[batchHeader:]); ok && next > c.lost {
		return errHole
	}
	return nil
}

// readMarker reads the marker that a batch begins with.
func readMarker(ops []byte) (next uint64, ok bool) {
	if len(ops) < 2+markerBytes || ops[0] != logDataKind || ops[1] != markerBytes || ops[2] != markerVersion {
		return 0, false
	}
	return binary.BigEndian.Uint64(ops[3:]), true
}
