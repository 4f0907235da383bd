package node

import (
	"encoding/binary"

	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/queue"
)

// entryHeader opens the data of a log entry. The commands follow, each with its length. An entry of a newer format than
// its group's has no commands: it raises the group to its format.
type entryHeader struct {
	format   Format // that the entry is written in
	proposer NodeID
	boot     uint64 // nonce of the proposer's process
	seq      uint64 // of the first command; the others count on
	stamp    queue.Stamp
	count    int
}

// appendEntryHeader starts an entry's data.
func appendEntryHeader(dst []byte, h entryHeader) []byte {
	dst = append(dst, byte(h.format))
	dst = binary.AppendUvarint(dst, uint64(h.proposer))
	var stamp []byte
	if h.format < compactFormat {
		dst = binary.AppendUvarint(dst, h.boot)
		stamp = queue.AppendStamp(nil, h.stamp)
	} else {
		dst = binary.BigEndian.AppendUint64(dst, h.boot)
		stamp = queue.AppendCompactStamp(nil, h.stamp)
	}
	dst = binary.AppendUvarint(dst, h.seq)
	dst = appendBytes(dst, stamp)
	return binary.AppendUvarint(dst, uint64(h.count))
}

// readEntryHeader reads the header and leaves r at the first command, which r.bytes reads.
func readEntryHeader(r *reader) (entryHeader, error) {
	h := entryHeader{format: r.version(compactFormat)}
	decode := queue.DecodeStamp
	h.proposer = NodeID(r.uvarint())
	if h.format < compactFormat {
		h.boot = r.uvarint()
	} else {
		h.boot = r.uint64()
		decode = queue.DecodeCompactStamp
	}
	h.seq = r.uvarint()
	stamp := r.bytes()
	h.count = r.count(1)
	if r.err != nil {
		return h, r.err
	}
	var err error
	h.stamp, err = decode(stamp)
	return h, err
}

// entryFormat is the format that an entry is written in; 0 for one of raft's own, which has none.
func entryFormat(e *raftpb.Entry) Format {
	if e.GetType() != raftpb.EntryNormal || len(e.GetData()) == 0 {
		return 0
	}
	return Format(e.GetData()[0])
}
