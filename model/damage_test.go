package model

import (
	"slices"
	"testing"

	"sqsd/wire"
)

// damages are ways to harm a server's state. Each says which queue it has harmed, or nothing if it could not.
var damages = []struct {
	name string
	kind kind
	harm func(w *world) string
	// blackBox is the least number of harmed histories, out of a hundred, that show it to clients alone.
	blackBox int
}{
	{"a message is dropped", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored }, func(m *message) { w.server.spec.end(m, expired) })
	}, 60},
	{"a message is doubled", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored && m.receives == 0 }, func(m *message) {
			again := *m
			again.id += "-again"
			m.queue.messages = append(m.queue.messages, &again)
			w.server.spec.ids[again.id] = &again
		})
	}, 60},
	{"a held message becomes visible", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool {
			return m.fate == stored && m.receives > 0 && m.visibleAt > w.server.spec.now+2000
		},
			func(m *message) { m.visibleAt = 0 })
	}, 60},
	{"a delayed message becomes visible", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool {
			return m.fate == stored && m.receives == 0 && m.visibleAt > w.server.spec.now+1500
		},
			func(m *message) { m.visibleAt = 0 })
	}, 10},
	{"a deleted message comes back", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == deleted && w.server.spec.queue(m.queue.name) == m.queue }, bringBack)
	}, 60},
	{"a purged message comes back", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == purged && w.server.spec.queue(m.queue.name) == m.queue }, bringBack)
	}, 60},
	{"a receive is counted twice", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored && m.receives == 0 }, func(m *message) { m.receives++ })
	}, 40},
	{"a visible message is hidden", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored && m.receives == 0 && m.visibleAt <= w.server.spec.now },
			func(m *message) { m.visibleAt = w.server.spec.now + 10_000 })
	}, 5},
	{"two messages change places", kind{}, func(w *world) string {
		return w.pick(func(m *message) bool {
			i := slices.Index(m.queue.messages, m)
			return i > 0 && m.receives == 0 && m.visibleAt <= w.server.spec.now && m.queue.messages[i-1].visibleAt <= w.server.spec.now &&
				m.queue.messages[i-1].receives == 0
		}, func(m *message) {
			i := slices.Index(m.queue.messages, m)
			all := m.queue.messages
			all[i-1], all[i] = all[i], all[i-1]
		})
	}, 0},
	{"two messages of a group change places", kind{fifo: true}, func(w *world) string {
		fits := func(m *message) bool { return m.receives == 0 && m.fate == stored }
		return w.pick(func(m *message) bool {
			before := beforeInGroup(m)
			return before != nil && fits(m) && fits(before)
		}, func(m *message) {
			all, before := m.queue.messages, beforeInGroup(m)
			i, j := slices.Index(all, m), slices.Index(all, before)
			all[i], all[j] = all[j], all[i]
			m.place, before.place = before.place, m.place
		})
	}, 60},
	{"a successor is delivered past a hidden head", kind{fifo: true}, func(w *world) string {
		return w.pick(func(m *message) bool {
			before := beforeInGroup(m)
			now := w.server.spec.now
			return m.fate == stored && m.hiddenUntil() <= now && before != nil && before.hiddenUntil() > now+2000
		}, func(m *message) { w.server.first = m })
	}, 60},
	{"a group is never unlocked", kind{fifo: true}, func(w *world) string {
		return w.pick(func(m *message) bool {
			return m.fate == stored && m.hiddenUntil() <= w.server.spec.now && m.queue.messages[0] == m
		}, func(m *message) { w.server.locked = m.content.MessageGroupID })
	}, 60},
	{"what was sent is forgotten at a restart", kind{fifo: true}, func(w *world) string {
		return w.pick(func(m *message) bool {
			return m.fate == stored && m.receives == 0 && m.queue.fifo.sends[dedupKey{id: m.dedupID}] == m
		},
			func(m *message) {
				m.queue.fifo.forget()
				w.run(&wire.SendMessageRequest{QueueRef: ref(m.queue.name), Outgoing: *m.content})
			})
	}, 60},
	{"a batch is stored without a look for duplicates", kind{fifo: true}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored && m.queue.fifo.sends[dedupKey{id: m.dedupID}] == m },
			func(m *message) {
				w.server.forgetful = true
				m.queue.fifo.forget()
				w.run(&wire.SendMessageBatchRequest{QueueRef: ref(m.queue.name),
					Entries: []wire.SendMessageBatchEntry{{ID: "a", Outgoing: *m.content}}})
			})
	}, 60},
	{"a moved message is doubled", kind{redrive: true}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored && m.source != "" }, func(m *message) {
			again := *m
			m.queue.messages = append(m.queue.messages, &again)
		})
	}, 60},
	{"a moved message is lost", kind{redrive: true}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored && m.source != "" },
			func(m *message) { w.server.spec.end(m, expired) })
	}, 40},
	{"a moved message is visible in both queues", kind{redrive: true}, func(w *world) string {
		return w.pick(func(m *message) bool { return m.fate == stored && m.source != "" && w.home() != nil }, func(m *message) {
			again := *m
			again.queue, again.source, again.stays, again.visibleAt = w.home(), "", true, 0
			w.home().messages = append([]*message{&again}, w.home().messages...)
		})
	}, 60},
	{"a message moves before the limit", kind{redrive: true}, func(w *world) string {
		return w.pick(func(m *message) bool {
			return m.fate == stored && m.queue == w.home() && m.receives < 2 && m.hiddenUntil() <= w.server.spec.now &&
				w.server.spec.deadLetters(m.queue) != ""
		}, w.server.spec.moveDead)
	}, 60},
	{"a message is delivered beyond the limit", kind{redrive: true}, func(w *world) string {
		return w.pick(func(m *message) bool {
			return m.queue == w.home() && m.fate == stored && w.server.spec.isDead(m) && m.visibleAt <= w.server.spec.now
		},
			func(m *message) { m.stays = true })
	}, 0},
	{"a change of attributes is lost", kind{}, func(w *world) string {
		for _, q := range w.server.spec.queues {
			if q.number(wire.AttrVisibilityTimeout) == 5 {
				q.attributes = q.attributes.With(wire.AttrVisibilityTimeout, "6")
				return q.name
			}
		}
		return ""
	}, 60},
}

// pick harms the message that fits and was sent first, and says in which queue it is.
func (w *world) pick(fits func(*message) bool, harm func(*message)) string {
	var best *message
	for _, m := range w.server.spec.ids {
		if fits(m) && (best == nil || m.sentAt < best.sentAt || m.sentAt == best.sentAt && m.id < best.id) {
			best = m
		}
	}
	if best == nil {
		return ""
	}
	harm(best)
	return best.queue.name
}

// beforeInGroup is the message that stands before another one in its group, nil if it is the first.
func beforeInGroup(m *message) (before *message) {
	for _, other := range m.queue.messages {
		if other == m {
			return before
		}
		if other.content.MessageGroupID == m.content.MessageGroupID {
			before = other
		}
	}
	return nil
}

// home is the queue that has a redrive policy, nil if it does not exist.
func (w *world) home() *queueState { return w.server.spec.queue(w.kind.queues()[0]) }

func bringBack(m *message) {
	m.fate, m.visibleAt = stored, 0
	m.queue.messages = append([]*message{m}, m.queue.messages...)
}

func TestDamageIsFound(t *testing.T) {
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			harmed, missed, shown := 0, 0, 0
			for seed := range uint64(60) {
				w := newDamagedWorld(seed, 200, seed%2 == 0, d.kind, d.harm)
				h := w.generate()
				if !w.damaged {
					continue
				}
				harmed++
				if len(Replay(h)) == 0 {
					missed++
					t.Errorf("seed %d: the replay misses it", seed)
				}
				h.Commits = nil
				for i := range h.Operations {
					h.Operations[i].At = nil
				}
				if len(Check(h).Violations) > 0 {
					shown++
				}
			}
			t.Logf("harmed %d, found by replay %d, shown to clients %d", harmed, harmed-missed, shown)
			if harmed == 0 || shown*100 < d.blackBox*harmed {
				t.Errorf("clients alone show %d of %d harmed histories, want %d %%", shown, harmed, d.blackBox)
			}
		})
	}
}
