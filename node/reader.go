package node

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errMalformed = errors.New("malformed bytes")

// reader takes fields from the front of a buffer. After the first error it returns zeros and keeps the error.
type reader struct {
	buf []byte
	err error
	// newest is the newest format that the node knows.
	newest Format
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = errMalformed
	}
	r.buf = nil
}

func (r *reader) byte() byte {
	if len(r.buf) == 0 {
		r.fail()
		return 0
	}
	b := r.buf[0]
	r.buf = r.buf[1:]
	return b
}

// version reads the format that every record starts with. It may be any up to last, the one in which the record's
// layout changed last.
func (r *reader) version(last Format) Format {
	v := Format(r.byte())
	switch {
	case r.err != nil:
	case v > r.newest:
		r.err = newerFormat(v, r.newest)
	case v == 0 || v > last:
		r.err = fmt.Errorf("unknown format version %d", v)
	default:
		return v
	}
	r.buf = nil
	return 0
}

func (r *reader) uint64() uint64 {
	if len(r.buf) < 8 {
		r.fail()
		return 0
	}
	v := binary.BigEndian.Uint64(r.buf)
	r.buf = r.buf[8:]
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

// bytes reads a length and that many bytes; the result aliases the buffer.
func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.buf)) {
		r.fail()
		return nil
	}
	b := r.buf[:n:n]
	r.buf = r.buf[n:]
	return b
}

// fill reads as many bytes as b has.
func (r *reader) fill(b []byte) {
	if len(b) > len(r.buf) {
		r.fail()
		return
	}
	copy(b, r.buf)
	r.buf = r.buf[len(b):]
}

// count reads the number of items that follow, each at least size bytes long, so that a forged number cannot make the
// caller allocate more than the buffer could hold.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.buf)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

// end returns the error, if any; bytes left over are one.
func (r *reader) end(what string) error {
	if r.err == nil && len(r.buf) > 0 {
		r.fail()
	}
	if r.err != nil {
		return fmt.Errorf("%s: %w", what, r.err)
	}
	return nil
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}
