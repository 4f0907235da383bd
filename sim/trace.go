package sim

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/cespare/xxhash/v2"
)

// trace is the running hash of everything that happened, in order, and its text if that was asked for.
//
// What goes into the hash must be the same in every process: no addresses, no map order, nothing that the
// implementation of a store decides.
type trace struct {
	clock  *time.Duration // virtual now
	digest *xxhash.Digest
	word   [32]byte
	text   io.Writer // nil unless the run is to be read by a person
}

func newTrace(clock *time.Duration, text io.Writer) *trace {
	return &trace{clock: clock, digest: xxhash.New(), text: text}
}

// kind says what happened.
type kind uint64

const (
	kindStart kind = iota + 1
	kindCrash
	kindPause
	kindResume
	kindSend
	kindDeliver
	kindDrop
	kindWrite
	kindSync
	kindSynced
	kindWake
	kindCall
	kindAnswer
	kindApply
	kindRestore
	kindFault
	kindPhase
	kindLog
	kindGreeting
)

// hash records an event of a node with a digest of what it carried.
func (t *trace) hash(k kind, node uint64, payload uint64) {
	binary.LittleEndian.PutUint64(t.word[0:], uint64(*t.clock))
	binary.LittleEndian.PutUint64(t.word[8:], uint64(k))
	binary.LittleEndian.PutUint64(t.word[16:], node)
	binary.LittleEndian.PutUint64(t.word[24:], payload)
	t.digest.Write(t.word[:])
}

// writing says whether text is wanted, so that callers need not format it otherwise.
func (t *trace) writing() bool { return t.text != nil }

// printf writes a line of text. Node 0 is the world.
func (t *trace) printf(node uint64, format string, args ...any) {
	if t.text == nil {
		return
	}
	who := "world"
	if node != 0 {
		who = fmt.Sprintf("n%d", node)
	}
	fmt.Fprintf(t.text, "%12.6f %-5s %s\n", (*t.clock).Seconds(), who, fmt.Sprintf(format, args...))
}

// sum is the hash so far.
func (t *trace) sum() uint64 { return t.digest.Sum64() }
