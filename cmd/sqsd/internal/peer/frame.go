package peer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"sqsd/node"
)

// MaxFrameBytes bounds one frame. The largest that a replica makes is a raft message with entries: a megabyte of
// commands and one command more, a batch of messages.
const MaxFrameBytes = 16 << 20

// A frame on the wire: length of the body, checksum of group and body, group, body. Integers are little endian.
const frameHeader = 12

// ErrBadFrame says that what came is not a frame.
var ErrBadFrame = errors.New("bad frame")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendFrame(b []byte, group node.GroupID, body []byte) []byte {
	var h [frameHeader]byte
	binary.LittleEndian.PutUint32(h[0:], uint32(len(body)))
	binary.LittleEndian.PutUint32(h[8:], uint32(group))
	sum := crc32.Update(crc32.Checksum(h[8:], castagnoli), castagnoli, body)
	binary.LittleEndian.PutUint32(h[4:], sum)
	return append(append(b, h[:]...), body...)
}

// readFrame reads one frame. The body is the caller's. The error is io.EOF only between frames.
func readFrame(r *bufio.Reader) (node.GroupID, []byte, error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, nil, err
	}
	length := binary.LittleEndian.Uint32(h[0:])
	if length > MaxFrameBytes {
		return 0, nil, fmt.Errorf("%w: length %d is over the limit of %d", ErrBadFrame, length, MaxFrameBytes)
	}
	body, err := readBody(r, int(length))
	if err != nil {
		return 0, nil, err
	}
	sum := crc32.Update(crc32.Checksum(h[8:], castagnoli), castagnoli, body)
	if want := binary.LittleEndian.Uint32(h[4:]); sum != want {
		return 0, nil, fmt.Errorf("%w: checksum %08x does not match %08x", ErrBadFrame, sum, want)
	}
	return node.GroupID(binary.LittleEndian.Uint32(h[8:])), body, nil
}

// readBody reads n bytes. Memory for a long body is taken as it arrives, so that a header alone cannot claim much.
func readBody(r io.Reader, n int) ([]byte, error) {
	const trusted = 1 << 20
	body := make([]byte, min(n, trusted))
	for read := 0; ; {
		if _, err := io.ReadFull(r, body[read:]); err != nil {
			return nil, unexpected(err)
		}
		read = len(body)
		if read == n {
			return body, nil
		}
		body = append(body, make([]byte, min(n-read, read))...)
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
