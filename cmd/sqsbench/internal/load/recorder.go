package load

import (
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// operation is what a latency is of.
type operation int

const (
	opSend operation = iota
	opReceive
	opDelete
	opRelease
	opLoop     // send, receive and delete of one iteration together
	opWakeSent // from the answer of a send to the answer of the receive that it woke
	opWakeCall // from the call of a send to the answer of the receive that it woke
	opDwellQuiet
	opDwellNoisy
	operations
)

var operationNames = [operations]string{
	"send", "receive", "delete", "release", "loop", "wake after send's answer", "wake after send's call", DwellQuiet, DwellNoisy,
}

// DwellQuiet and DwellNoisy name, in [Report.Latencies], how long messages of the quiet tenants and of the noisy one waited in
// mode fair, from the call of the send to the answer of the receive.
const (
	DwellQuiet = "dwell, quiet tenants"
	DwellNoisy = "dwell, noisy tenant"
)

// Latencies are kept from 1 µs to 10 minutes with three significant digits.
const (
	lowest  = 1
	highest = int64(10 * time.Minute / time.Microsecond)
	digits  = 3
)

// recorder is one worker's measurements. It is not safe for concurrent use; the counters of live are.
type recorder struct {
	live      *live
	latencies [operations]*hdrhistogram.Histogram
	messages  [operations]int64
	errors    map[string]int64
	empty     int64
}

// live is what the progress line shows, of all workers.
type live struct {
	messages [operations]atomic.Int64
	errors   atomic.Int64
}

func newRecorder(l *live) *recorder {
	return &recorder{live: l, errors: make(map[string]int64)}
}

// done records a call that took d and moved n messages.
func (r *recorder) done(op operation, d time.Duration, n int) {
	h := r.latencies[op]
	if h == nil {
		h = hdrhistogram.New(lowest, highest, digits)
		r.latencies[op] = h
	}
	micros := min(max(d.Microseconds(), lowest), highest)
	if err := h.RecordValue(micros); err != nil {
		panic(err) // the value was clamped to the histogram's range
	}
	r.messages[op] += int64(n)
	r.live.messages[op].Add(int64(n))
}

// failed counts a call, or n entries of a batch, that ended with an error of that code.
func (r *recorder) failed(code string, n int) {
	r.errors[code] += int64(n)
	r.live.errors.Add(int64(n))
}

// reset forgets what was recorded, at the end of the warm-up.
func (r *recorder) reset() {
	for _, h := range r.latencies {
		if h != nil {
			h.Reset()
		}
	}
	r.messages = [operations]int64{}
	clear(r.errors)
	r.empty = 0
}

// add merges what another recorder has.
func (r *recorder) add(other *recorder) {
	for op, h := range other.latencies {
		if h == nil {
			continue
		}
		if r.latencies[op] == nil {
			r.latencies[op] = hdrhistogram.New(lowest, highest, digits)
		}
		r.latencies[op].Merge(h)
		r.messages[op] += other.messages[op]
	}
	for code, n := range other.errors {
		r.errors[code] += n
	}
	r.empty += other.empty
}
