package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"sqsd/wire"
)

// Encodings here are canonical: what decodes without error encodes to the same bytes again.

var (
	errShort   = errors.New("data ends too early")
	errTrailer = errors.New("data goes on behind its end")
	errNumber  = errors.New("bad number")
	errOrder   = errors.New("names are not in order")
	errWide    = errors.New("the wider format is not needed")
)

func errVersion(v byte) error { return fmt.Errorf("format version %d is not known", v) }

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func appendTime(dst []byte, t wire.Time) []byte { return binary.AppendVarint(dst, int64(t)) }

// appendOptInt writes 0 for an absent parameter.
func appendOptInt(dst []byte, o wire.OptInt) []byte {
	if !o.Set {
		return append(dst, 0)
	}
	zigzag := uint32(o.Value)<<1 ^ uint32(o.Value>>31)
	return binary.AppendUvarint(dst, uint64(zigzag)+1)
}

func appendPairs(dst []byte, pairs wire.Pairs) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(pairs)))
	for _, p := range pairs {
		dst = appendString(appendString(dst, p.Name), p.Value)
	}
	return dst
}

func appendAttributes(dst []byte, attributes wire.MessageAttributes) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(attributes)))
	for i := range attributes {
		a := &attributes[i]
		dst = appendString(appendString(dst, a.Name), a.DataType)
		dst = appendString(dst, a.StringValue)
		dst = binary.AppendUvarint(dst, uint64(len(a.BinaryValue)))
		dst = append(dst, a.BinaryValue...)
	}
	return dst
}

// reader takes fields off the front of encoded data. After a mistake it returns zero values and keeps the error.
// The strings it returns share the data.
type reader struct {
	rest string
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = ""
}

// expect makes sure that a value of the wider format needs it.
func (r *reader) expect(wide bool) {
	if !wide {
		r.fail(errWide)
	}
}

// end returns the first error; data that is left over is one.
func (r *reader) end() error {
	if r.err == nil && r.rest != "" {
		r.fail(errTrailer)
	}
	return r.err
}

func (r *reader) take(n int) string {
	if n > len(r.rest) {
		r.fail(errShort)
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) byte() byte {
	if s := r.take(1); s != "" {
		return s[0]
	}
	return 0
}

// version checks the byte that everything starts with.
func (r *reader) version(want byte) {
	if v := r.byte(); r.err == nil && v != want {
		r.fail(errVersion(v))
	}
}

func (r *reader) bool() bool {
	b := r.byte()
	if b > 1 {
		r.fail(errNumber)
	}
	return b == 1
}

func (r *reader) uint64() uint64 {
	s := r.take(8)
	if s == "" {
		return 0
	}
	var v uint64
	for i := range 8 {
		v = v<<8 | uint64(s[i])
	}
	return v
}

// uvarint reads a number in its shortest form.
func (r *reader) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if i > 0 && b == 0 || i == binary.MaxVarintLen64-1 && b > 1 {
				break
			}
			r.rest = r.rest[i+1:]
			return v
		}
	}
	r.fail(errNumber)
	return 0
}

func (r *reader) uint32() uint32 {
	v := r.uvarint()
	if v > math.MaxUint32 {
		r.fail(errNumber)
		return 0
	}
	return uint32(v)
}

func (r *reader) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

func (r *reader) time() wire.Time { return wire.Time(r.varint()) }

func (r *reader) optInt() wire.OptInt {
	v := r.uvarint()
	if v == 0 {
		return wire.OptInt{}
	}
	v--
	if v > math.MaxUint32 {
		r.fail(errNumber)
		return wire.OptInt{}
	}
	zigzag := uint32(v)
	return wire.Int(int32(zigzag>>1) ^ -int32(zigzag&1))
}

func (r *reader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.fail(errShort)
		return ""
	}
	return r.take(int(n))
}

// count reads how many elements follow, each of at least size bytes, so that no more is allocated than was sent.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/size) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

// pairs reads at most wire.MaxPairs of them, and so does attributes.
func (r *reader) pairs() wire.Pairs {
	n := r.count(2)
	if n > wire.MaxPairs {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	pairs := make(wire.Pairs, n)
	for i := range pairs {
		pairs[i] = wire.Pair{Name: r.string(), Value: r.string()}
		if i > 0 && pairs[i-1].Name >= pairs[i].Name {
			r.fail(errOrder)
		}
	}
	return pairs
}

func (r *reader) attributes() wire.MessageAttributes {
	n := r.count(4)
	if n > wire.MaxPairs {
		r.fail(errNumber)
	}
	if n == 0 || r.err != nil {
		return nil
	}
	attributes := make(wire.MessageAttributes, n)
	for i := range attributes {
		a := &attributes[i]
		a.Name, a.DataType, a.StringValue = r.string(), r.string(), r.string()
		if b := r.string(); b != "" {
			a.BinaryValue = []byte(b)
		}
		if i > 0 && attributes[i-1].Name >= a.Name {
			r.fail(errOrder)
		}
	}
	return attributes
}
