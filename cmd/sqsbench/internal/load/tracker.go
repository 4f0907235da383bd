package load

import (
	"hash/maphash"
	"sync"
	"time"
)

// tracker follows every message by its id, to find out in the end whether each acknowledged one was delivered and none
// twice while it was held or after it was deleted. Times are since the start of the run, by this process's clock.
//
// Ids are kept as 64-bit hashes: among ten million messages two share one with a probability of 3 in a million.
type tracker struct {
	visibility time.Duration
	seed       maphash.Seed
	shards     [64]shard
}

type shard struct {
	mu       sync.Mutex
	messages map[uint64]life
	repeats  int64
}

// life is what is known of a message.
type life struct {
	acknowledged bool
	delivered    bool
	// start and end are the call and the answer of the latest receive that returned it.
	start, end time.Duration
	deleted    time.Duration // answer of the delete; 0 if there was none
	released   bool          // whoever received it gives it back
}

func newTracker(visibility time.Duration) *tracker {
	t := &tracker{visibility: visibility, seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].messages = make(map[uint64]life)
	}
	return t
}

// sent notes that a send was acknowledged.
func (t *tracker) sent(id string) {
	t.update(id, func(_ *shard, l *life) { l.acknowledged = true })
}

// received notes a delivery by a receive that was called at start and answered at end.
//
// The server hid the message at some time between start and end, so another delivery is a repeat beyond doubt only if
// it was answered before the earlier call's start plus the timeout. A delivery after a delete is one if it was called
// after the delete's answer.
func (t *tracker) received(id string, start, end time.Duration) {
	t.update(id, func(s *shard, l *life) {
		if l.deleted != 0 && start > l.deleted || l.delivered && !l.released && max(end, l.end) < min(start, l.start)+t.visibility {
			s.repeats++
		}
		l.released = false
		if !l.delivered || start > l.start {
			l.delivered, l.start, l.end = true, start, end
		}
	})
}

// release notes that a message which was received is about to be made visible.
func (t *tracker) release(id string) {
	t.update(id, func(_ *shard, l *life) { l.released = true })
}

// deletedAt notes that a delete was acknowledged.
func (t *tracker) deletedAt(id string, at time.Duration) {
	t.update(id, func(_ *shard, l *life) { l.deleted = at })
}

func (t *tracker) update(id string, change func(*shard, *life)) {
	key := maphash.String(t.seed, id)
	s := &t.shards[key%uint64(len(t.shards))]
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.messages[key]
	change(s, &l)
	s.messages[key] = l
}

// Tally is what became of the messages.
type Tally struct {
	// Duplicates counts deliveries of a message that somebody held or that was deleted.
	Duplicates int64 `json:"duplicates"`
	// Lost counts messages that were acknowledged and never delivered.
	Lost int64 `json:"lost"`
	// Foreign counts delivered messages without an acknowledged send in this run: older ones, or those whose send's
	// answer was lost.
	Foreign int64 `json:"foreign"`
}

func (t *tracker) tally() Tally {
	var sum Tally
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		sum.Duplicates += s.repeats
		for _, l := range s.messages {
			switch {
			case l.acknowledged && !l.delivered:
				sum.Lost++
			case l.delivered && !l.acknowledged:
				sum.Foreign++
			}
		}
		s.mu.Unlock()
	}
	return sum
}
