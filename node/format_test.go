package node

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"sqsd/node/queue"
	"sqsd/wire"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

var position = Position{Group: 3, Index: 70, Sub: 2, Time: 1_700_000_000_123, Proposer: 1, Boot: 99, Seq: 12}

func identity() *Identity {
	return &Identity{
		taken: true, lives: []Life{{DataID{1, 2}, 7, 1 << 62}, {DataID{1, 2}, 300, 5}}, self: Life{DataID{1, 2}, 300, 5},
		known: map[NodeID]*metPeer{
			3: {life: Life{DataID{3}, 7, 99}, told: 7, fits: true}, 2: {life: Life{DataID{2}, 300, 1 << 63}},
		},
		refused: refusal{ErrRolledBack, "old"},
	}
}

// formats are one example of every durable record and frame of this package.
func formats() map[string][]byte {
	term, vote, commit, index := uint64(7), uint64(2), uint64(300), uint64(41)
	kind := raftpb.EntryNormal
	stamp := queue.Stamp{Time: 1_700_000_000_000, Limits: queue.DefaultLimits()}
	limited := stamp
	limited.Limits.PurgeWindow = 0
	return map[string][]byte{
		"key/entry":         entryKey(5, 0x0102),
		"key/hard-state":    hardKey(5),
		"key/meta":          metaKey(5),
		"key/applied":       appliedKey(5, 2),
		"key/members":       membersKey(5, 2),
		"record/meta":       logMeta{generation: 2, index: 40, term: 6, voters: []uint64{1, 2, 3}}.encode(),
		"record/hard-state": encodeHardState(&raftpb.HardState{Term: &term, Vote: &vote, Commit: &commit}),
		"record/entry":      encodeLogEntry(&raftpb.Entry{Index: &index, Term: &term, Type: &kind, Data: []byte("data")}),
		"record/applied":    applied{index: 41, term: 7, format: firstFormat}.encode(),
		"record/applied-2":  applied{index: 41, term: 7, format: compactFormat}.encode(),
		"record/members": membership{
			voters: []NodeID{1, 2}, learners: []NodeID{5}, removed: []NodeID{3, 4}}.encode(),
		"record/change-entry":   encodeLogEntry(changeEntry(raftpb.ConfChangeAddLearnerNode, 5)),
		"entry/header":          header(firstFormat, stamp),
		"entry/header-2":        header(compactFormat, stamp),
		"entry/header-2-limits": header(compactFormat, limited),
		"frame/forward":         forwardFrame{term: 7, boot: 99, id: 5, low: 4, age: 30, raw: []byte("raw")}.encode(),
		"frame/reply": replyFrame{boot: 99, id: 5, result: Result{
			Err: wire.Errorf(wire.ServiceUnavailable, "no"), At: position}}.encode(frameReply),
		"frame/reject":    rejectFrame{boot: 99, id: 5, empty: true, at: position}.encode(),
		"frame/cancel":    cancelFrame{boot: 99, id: 5}.encode(),
		"frame/ask":       askFrame{boot: 99, id: 5, group: 3, raw: []byte("raw")}.encode(),
		"record/identity": identity().encode(),
		"key/identity":    identityKey,
		"frame/lapse":     lapse{life: 4, term: 7, last: 41}.encode(),
		"frame/removed":   startFrame(frameRemoved, 0),
		"frame/chunk-ack": chunkHead{index: 41, term: 7, number: 3}.encode(frameChunkAck, 0),
	}
}

// changeEntry is an entry that changes the membership.
func changeEntry(kind raftpb.ConfChangeType, id uint64) *raftpb.Entry {
	data, err := proto.Marshal(&raftpb.ConfChangeV2{
		Changes: []*raftpb.ConfChangeSingle{{Type: kind.Enum(), NodeId: &id}}, Context: []byte("context"),
	})
	if err != nil {
		panic(err)
	}
	return &raftpb.Entry{Term: new(uint64(7)), Type: raftpb.EntryConfChangeV2.Enum(), Data: data}
}

func header(format Format, stamp queue.Stamp) []byte {
	return appendEntryHeader(nil, entryHeader{format: format, proposer: 1, boot: 99, seq: 12, stamp: stamp, count: 2})
}

// TestFormatsStay holds every format against its golden file: data written by an older version must stay readable.
func TestFormatsStay(t *testing.T) {
	for name, got := range formats() {
		path := filepath.Join("testdata", "golden", strings.ReplaceAll(name, "/", "-")+".hex")
		if *rewrite {
			if err := os.WriteFile(path, []byte(hex.EncodeToString(got)+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(got) != strings.TrimSpace(string(want)) {
			t.Errorf("%s: the format changed: %x, was %s", name, got, want)
		}
	}
}

// decoders read what formats wrote and write it again, as a node that knows formats up to newest.
var decoders = map[string]func(b []byte, newest Format) ([]byte, error){
	"record/meta": func(b []byte, newest Format) ([]byte, error) {
		m, err := decodeLogMeta(b, newest)
		return m.encode(), err
	},
	"record/hard-state": func(b []byte, newest Format) ([]byte, error) {
		h, err := decodeHardState(b, newest)
		return encodeHardState(h), err
	},
	"record/entry": func(b []byte, newest Format) ([]byte, error) {
		e, err := decodeLogEntry(41, b, newest)
		if err != nil {
			return nil, err
		}
		return encodeLogEntry(e), nil
	},
	"record/identity": func(b []byte, newest Format) ([]byte, error) {
		i := &Identity{known: map[NodeID]*metPeer{}}
		err := i.decode(b, newest)
		return i.encode(), err
	},
	"frame/lapse": frameDecoder(func(r *reader) ([]byte, error) { l, err := decodeLapse(r); return l.encode(), err }),
	"record/members": func(b []byte, newest Format) ([]byte, error) {
		m, err := decodeMembership(b, newest)
		return m.encode(), err
	},
	"record/applied":        decodeAppliedRecord,
	"record/applied-2":      decodeAppliedRecord,
	"entry/header":          decodeHeader,
	"entry/header-2":        decodeHeader,
	"entry/header-2-limits": decodeHeader,
	"frame/forward":         frameDecoder(func(r *reader) ([]byte, error) { f, err := decodeForward(r); return f.encode(), err }),
	"frame/reject":          frameDecoder(func(r *reader) ([]byte, error) { f, err := decodeReject(r); return f.encode(), err }),
	"frame/chunk-ack":       frameDecoder(decodeChunkAck),
	"frame/reply": frameDecoder(func(r *reader) ([]byte, error) {
		f, err := decodeReply(r)
		if err != nil {
			return nil, err
		}
		return f.encode(frameReply), nil
	}),
	"frame/ask":    frameDecoder(func(r *reader) ([]byte, error) { f, err := decodeAsk(r); return f.encode(), err }),
	"frame/cancel": frameDecoder(func(r *reader) ([]byte, error) { f, err := decodeCancel(r); return f.encode(), err }),
}

func decodeAppliedRecord(b []byte, newest Format) ([]byte, error) {
	a, err := decodeApplied(b, newest)
	return a.encode(), err
}

func decodeHeader(b []byte, newest Format) ([]byte, error) {
	commands := []byte{0, 0} // the two of the example, empty
	r := reader{buf: append(bytes.Clone(b), commands...), newest: newest}
	h, err := readEntryHeader(&r)
	return bytes.TrimSuffix(append(appendEntryHeader(nil, h), r.buf...), commands), err
}

func decodeChunkAck(r *reader) ([]byte, error) {
	h := chunkHead{index: r.uvarint(), term: r.uvarint(), number: r.uvarint()}
	return h.encode(frameChunkAck, 0), r.end("chunk acknowledgement")
}

func frameDecoder(decode func(*reader) ([]byte, error)) func([]byte, Format) ([]byte, error) {
	return func(b []byte, newest Format) ([]byte, error) {
		_, r, err := openFrame(b, newest)
		if err != nil {
			return nil, err
		}
		return decode(&r)
	}
}

// TestFormatsRoundTrip decodes and encodes every example again.
func TestFormatsRoundTrip(t *testing.T) {
	all := formats()
	for name, decode := range decoders {
		got, err := decode(all[name], NewestFormat)
		if err != nil || !bytes.Equal(got, all[name]) {
			t.Errorf("%s: %x became %x, %v", name, all[name], got, err)
		}
	}
}

// TestNewerFormatIsRefused changes the version byte of every format, for nodes that know one or all formats.
func TestNewerFormatIsRefused(t *testing.T) {
	all := formats()
	for name, decode := range decoders {
		for newest := firstFormat; newest <= NewestFormat; newest++ {
			b := bytes.Clone(all[name])
			b[0] = byte(newest) + 1
			_, err := decode(b, newest)
			says := fmt.Sprintf("format %d, and this binary knows formats up to %d", newest+1, newest)
			if !errors.Is(err, ErrNewerFormat) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s of version %d: error %v, want that it is newer than %d", name, b[0], err, newest)
			}
			b[0] = 0
			if _, err := decode(b, newest); err == nil || errors.Is(err, ErrNewerFormat) {
				t.Errorf("%s of version 0: error %v", name, err)
			}
		}
	}
}

// TestCompactHeaderIsShorter shows what the second format is for.
func TestCompactHeaderIsShorter(t *testing.T) {
	h := entryHeader{
		format: firstFormat, proposer: 1, boot: 1 << 63, seq: 100_000, count: 1,
		stamp: queue.Stamp{Time: 1_700_000_000_000, Limits: queue.DefaultLimits()},
	}
	long := len(appendEntryHeader(nil, h))
	h.format = compactFormat
	short := len(appendEntryHeader(nil, h))
	t.Logf("a header has %d bytes in format %d and %d in format %d", long, firstFormat, short, compactFormat)
	if long-short != 29 {
		t.Errorf("%d bytes fewer, want 29", long-short)
	}
}

// FuzzFormats feeds arbitrary bytes to every decoder: an error or a value, never a panic.
func FuzzFormats(f *testing.F) {
	for _, b := range formats() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, decode := range decoders {
			again, err := decode(b, NewestFormat)
			if err != nil {
				continue
			}
			if _, err := decode(again, NewestFormat); err != nil {
				t.Errorf("%s: %x was accepted, but not once encoded again: %v", name, b, err)
			}
		}
		r := reader{buf: b}
		if _, batch, err := readChunk(&r, []byte("s")); err == nil && batch.Size() > 4*len(b)+64 {
			t.Errorf("a chunk of %d bytes became a batch of %s", len(b), fmt.Sprint(batch.Size()))
		}
	})
}
