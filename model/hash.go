package model

// hash is FNV-1a over the fields of a state. It is the same in every process, unlike hash/maphash.
type hash uint64

func newHash() hash { return 14695981039346656037 }

func (h hash) octet(b byte) hash { return (h ^ hash(b)) * 1099511628211 }

func (h hash) number(n int64) hash {
	for range 8 {
		h = h.octet(byte(n))
		n >>= 8
	}
	return h
}

func (h hash) flag(b bool) hash {
	if b {
		return h.octet(1)
	}
	return h.octet(0)
}

func (h hash) text(s string) hash {
	h = h.number(int64(len(s)))
	for i := range len(s) {
		h = h.octet(s[i])
	}
	return h
}

func (h hash) sum() uint64 { return uint64(h) }
