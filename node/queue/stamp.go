package queue

import (
	"encoding/binary"
	"fmt"
)

// The versions of an encoded stamp. A compact one has half a seed and names only limits that are not the usual ones.
const (
	stampVersion = iota + 1
	compactVersion
	limitedVersion
)

// CompactSeed is how many bytes of Stamp.Seed a compact stamp has. The others are zero: what is random in the first
// ones is enough for the generator.
const CompactSeed = 16

// usualLimits are left out of compact stamps. They are part of the format: they must never change, whatever becomes of
// DefaultLimits.
var usualLimits = Limits{DeletedQueueWindow: 60_000, PurgeWindow: 60_000, MaxInFlight: 120_000, DueBatch: 4096}

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
	return s.checked(&r)
}

// AppendCompactStamp appends the compact encoding of s to dst: the seed behind its first CompactSeed bytes is dropped.
func AppendCompactStamp(dst []byte, s Stamp) []byte {
	limited := s.Limits != usualLimits
	if limited {
		dst = append(dst, limitedVersion)
	} else {
		dst = append(dst, compactVersion)
	}
	dst = append(appendTime(dst, s.Time), s.Seed[:CompactSeed]...)
	if limited {
		dst = appendLimits(dst, s.Limits)
	}
	return dst
}

// DecodeCompactStamp reads what AppendCompactStamp wrote.
func DecodeCompactStamp(data []byte) (Stamp, error) {
	r := reader{rest: string(data)}
	version := r.byte()
	s := Stamp{Time: r.time(), Limits: usualLimits}
	copy(s.Seed[:], r.take(CompactSeed))
	switch version {
	case compactVersion:
	case limitedVersion:
		s.Limits = r.limits()
		r.expect(s.Limits != usualLimits)
	default:
		r.fail(errVersion(version))
	}
	return s.checked(&r)
}

// checked returns the stamp, if the reader had no more and no less than that.
func (s Stamp) checked(r *reader) (Stamp, error) {
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
