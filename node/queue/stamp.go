package queue

import (
	"encoding/binary"
	"fmt"
)

// stampVersion starts an encoded stamp.
const stampVersion = 1

// AppendStamp appends the encoding of s to dst.
func AppendStamp(dst []byte, s Stamp) []byte {
	dst = appendTime(append(dst, stampVersion), s.Time)
	dst = append(dst, s.Seed[:]...)
	return appendLimits(dst, s.Limits)
}

// DecodeStamp reads what AppendStamp wrote.
func DecodeStamp(data []byte) (Stamp, error) {
	r := reader{rest: string(data)}
	r.version(stampVersion)
	s := Stamp{Time: r.time()}
	copy(s.Seed[:], r.take(len(s.Seed)))
	s.Limits = r.limits()
	if err := r.end(); err != nil {
		return Stamp{}, fmt.Errorf("stamp: %w", err)
	}
	return s, nil
}

func appendLimits(dst []byte, l Limits) []byte {
	dst = binary.AppendVarint(dst, l.DeletedQueueWindow)
	dst = binary.AppendVarint(dst, l.PurgeWindow)
	dst = binary.AppendVarint(dst, int64(l.MaxInFlight))
	return binary.AppendVarint(dst, int64(l.DueBatch))
}

func (r *reader) limits() Limits {
	return Limits{
		DeletedQueueWindow: r.varint(), PurgeWindow: r.varint(),
		MaxInFlight: int(r.varint()), DueBatch: int(r.varint()),
	}
}
