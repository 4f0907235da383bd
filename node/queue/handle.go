package queue

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// handle is what a receipt handle says: one delivery of one message of one incarnation of a queue. Its text is the
// base64url form of version(1) queue(8) nonce(8) ordinal(8) branch(8) token(8) checksum(4); big-endian numbers.
type handle struct {
	queue    ID
	nonce    uint64 // of the queue
	position position
	token    uint64 // random, drawn at the delivery
}

const (
	handleVersion = 1
	handleBytes   = 1 + 5*8 + 4
)

var (
	handleText  = base64.RawURLEncoding.Strict()
	handleTable = crc32.MakeTable(crc32.Castagnoli)
)

func (h handle) String() string {
	var buf [handleBytes]byte
	b := append(buf[:0], handleVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(h.queue))
	b = binary.BigEndian.AppendUint64(b, h.nonce)
	b = appendPosition(b, h.position)
	b = binary.BigEndian.AppendUint64(b, h.token)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, handleTable))
	return handleText.EncodeToString(b)
}

// parseHandle says whether a text is a handle that some queue may have issued.
func parseHandle(text string) (handle, bool) {
	if len(text) != handleText.EncodedLen(handleBytes) {
		return handle{}, false
	}
	var b [handleBytes]byte
	if n, err := handleText.Decode(b[:], []byte(text)); err != nil || n != handleBytes || b[0] != handleVersion {
		return handle{}, false
	}
	const sum = handleBytes - 4
	if binary.BigEndian.Uint32(b[sum:]) != crc32.Checksum(b[:sum], handleTable) {
		return handle{}, false
	}
	number := func(i int) uint64 { return binary.BigEndian.Uint64(b[1+8*i:]) }
	return handle{
		queue: ID(number(0)), nonce: number(1), position: position{number(2), number(3)}, token: number(4),
	}, true
}
