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

// Frame is what one replica of a group sends to another.
type Frame struct {
	Group node.GroupID
	Body  []byte
}

// MaxFrameBytes bounds the body of one frame. The largest that a replica makes is a raft message with entries: a megabyte of
// commands and one command more, a batch of messages.
const MaxFrameBytes = 16 << 20

// A frame on the wire: length of the body, checksum of group and body, group, body. Integers are little endian.
const frameHeader = 12

// ErrBadFrame says that what came is not a frame.
var ErrBadFrame = errors.New("bad frame")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendFrame(b []byte, f Frame) []byte {
	var h [frameHeader]byte
	binary.LittleEndian.PutUint32(h[0:], uint32(len(f.Body)))
	binary.LittleEndian.PutUint32(h[8:], uint32(f.Group))
	sum := crc32.Update(crc32.Checksum(h[8:], castagnoli), castagnoli, f.Body)
	binary.LittleEndian.PutUint32(h[4:], sum)
	return append(append(b, h[:]...), f.Body...)
}

// readFrame reads one frame. The body is the caller's. The error is io.EOF only between frames.
func readFrame(r *bufio.Reader) (Frame, error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return Frame{}, err
	}
	length := binary.LittleEndian.Uint32(h[0:])
	if length > MaxFrameBytes {
		return Frame{}, fmt.Errorf("%w: length %d is over the limit of %d", ErrBadFrame, length, MaxFrameBytes)
	}
	body, err := readBody(r, int(length))
	if err != nil {
		return Frame{}, err
	}
	sum := crc32.Update(crc32.Checksum(h[8:], castagnoli), castagnoli, body)
	if want := binary.LittleEndian.Uint32(h[4:]); sum != want {
		return Frame{}, fmt.Errorf("%w: checksum %08x does not match %08x", ErrBadFrame, sum, want)
	}
	return Frame{node.GroupID(binary.LittleEndian.Uint32(h[8:])), body}, nil
}

// buffered says whether a whole frame can be read without waiting.
func buffered(r *bufio.Reader) bool {
	if r.Buffered() < frameHeader {
		return false
	}
	h, err := r.Peek(4)
	return err == nil && r.Buffered()-frameHeader >= int(binary.LittleEndian.Uint32(h))
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
