package node

import (
	"encoding/binary"

	"sqsd/node/queue"
)

// entryHeader opens the data of a log entry. The commands follow, each with its length.
type entryHeader struct {
	proposer NodeID
	boot     uint64 // nonce of the proposer's process
	seq      uint64 // of the first command; the others count on
	stamp    queue.Stamp
	count    int
}

// appendEntryHeader starts an entry's data.
func appendEntryHeader(dst []byte, h entryHeader) []byte {
	dst = append(dst, recordVersion)
	dst = binary.AppendUvarint(dst, uint64(h.proposer))
	dst = binary.AppendUvarint(dst, h.boot)
	dst = binary.AppendUvarint(dst, h.seq)
	dst = appendBytes(dst, queue.AppendStamp(nil, h.stamp))
	return binary.AppendUvarint(dst, uint64(h.count))
}

// readEntryHeader reads the header and leaves r at the first command, which r.bytes reads.
func readEntryHeader(r *reader) (entryHeader, error) {
	r.version()
	h := entryHeader{proposer: NodeID(r.uvarint()), boot: r.uvarint(), seq: r.uvarint()}
	stamp := r.bytes()
	h.count = r.count(1)
	if r.err != nil {
		return h, r.err
	}
	var err error
	h.stamp, err = queue.DecodeStamp(stamp)
	return h, err
}
