package sim

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
	"time"

	"github.com/cespare/xxhash/v2"
)

// random is one stream of random numbers. Each purpose has its own, so that a change in what one part draws does not
// shift what the others see.
type random struct {
	*mathrand.Rand
}

// newRandom derives the stream of a purpose from the seed.
func newRandom(seed uint64, purpose string) random {
	return random{mathrand.New(mathrand.NewPCG(seed, xxhash.Sum64String(purpose)))}
}

// newNumberedRandom derives one of many streams of a purpose.
func newNumberedRandom(seed uint64, purpose string, number int) random {
	return random{mathrand.New(mathrand.NewPCG(seed, xxhash.Sum64String(purpose)+uint64(number)*weyl))}
}

// weyl is odd and without a pattern: multiples of it are far from each other.
const weyl = 0x9e3779b97f4a7c15

// chance is true in percent of cases.
func (r random) chance(percent int) bool { return r.IntN(100) < percent }

// perMille is true in n of thousand cases.
func (r random) perMille(n int) bool { return n > 0 && r.IntN(1000) < n }

// between draws from [lo, hi].
func (r random) between(lo, hi int) int { return lo + r.IntN(hi-lo+1) }

// duration draws from [lo, hi].
func (r random) duration(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(r.Int64N(int64(hi-lo)+1))
}

// spread draws with the given mean: half of the draws are below 0.7 of it, one in a hundred above 4.6 times.
func (r random) spread(mean time.Duration) time.Duration {
	// A table of the exponential distribution's quantiles keeps floating point, which may differ between machines,
	// out of virtual time.
	q := exponential[r.IntN(len(exponential))]
	return time.Duration(int64(mean)*q/100) + time.Duration(r.Int64N(int64(mean)/8+1))
}

// exponential holds quantiles of the exponential distribution of mean 1, in hundredths.
var exponential = [...]int64{2, 5, 10, 16, 22, 29, 36, 43, 51, 60, 69, 80, 92, 105, 120, 139, 161, 190, 230, 300, 460}

// pick draws an index with the given weights.
func (r random) pick(weights []int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	if total == 0 {
		return -1
	}
	n := r.IntN(total)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	panic("unreachable: weights changed while drawing")
}

// byteStream is a seeded source of bytes: a node's Env.Random, and raft's crypto/rand.Reader.
type byteStream struct {
	chacha *mathrand.ChaCha8
}

func newByteStream(seed uint64, purpose string) io.Reader {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	binary.LittleEndian.PutUint64(key[8:], xxhash.Sum64String(purpose))
	return &byteStream{chacha: mathrand.NewChaCha8(key)}
}

func (s *byteStream) Read(p []byte) (int, error) { return s.chacha.Read(p) }

// seedRaft makes raft's election jitter a function of the seed and returns what undoes it.
func seedRaft(seed uint64) (restore func()) {
	before := rand.Reader
	rand.Reader = newByteStream(seed, "raft")
	return func() { rand.Reader = before }
}
