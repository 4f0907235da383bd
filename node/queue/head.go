package queue

import "slices"

// headSize is how many elements a head holds at most.
const headSize = 128

// element is what a head holds: something with an order that has a key of its own in the store.
type element[E any] interface {
	compare(E) int
	key(dst []byte, id ID) []byte
}

// head is the first part of an ordered set that lives in the store: all its elements up to some bound. Between
// commands it is never emptier than two elements unless it holds the whole set.
type head[E element[E]] struct {
	items []E // ascending; those before start are gone
	start int
	more  bool // elements from bound on are in the store only
	bound E
}

func (h *head[E]) len() int { return len(h.items) - h.start }

// at is the i-th element.
func (h *head[E]) at(i int) E { return h.items[h.start+i] }

// add puts an element in its place, unless that is in the part that only the store holds.
func (h *head[E]) add(e E) {
	if h.more && e.compare(h.bound) >= 0 {
		return
	}
	if len(h.items) == cap(h.items) && h.start > 0 {
		h.items = h.items[:copy(h.items, h.items[h.start:])]
		h.start = 0
	}
	n := len(h.items)
	if h.len() == 0 || h.items[n-1].compare(e) < 0 {
		h.items = append(h.items, e)
	} else {
		i, _ := h.find(e)
		h.items = slices.Insert(h.items, i, e)
	}
	if h.len() > headSize {
		h.bound, h.more = h.items[n], true
		h.items = h.items[:n]
	}
}

// pop removes the first element.
func (h *head[E]) pop() {
	h.start++
	if h.start == len(h.items) {
		h.items, h.start = h.items[:0], 0
	}
}

// remove removes an element that may be in the part that only the store holds.
func (h *head[E]) remove(e E) {
	if i, found := h.find(e); found {
		h.items = slices.Delete(h.items, i, i+1)
	}
}

func (h *head[E]) find(e E) (int, bool) {
	i, found := slices.BinarySearchFunc(h.items[h.start:], e, func(a, b E) int { return a.compare(b) })
	return h.start + i, found
}

// reset says that the set begins at bound and is in the store only.
func (h *head[E]) reset(bound E) { *h = head[E]{items: h.items[:0], more: true, bound: bound} }

// clear says that the set is empty.
func (h *head[E]) clear() { *h = head[E]{} }

// refill reads on in the store when a head runs low. parse makes an element of a key and a value.
func refill[E element[E]](m *Machine, q *queue, h *head[E], parse func(key, value []byte) (E, error)) {
	refillTo(m, q, h, parse, 2)
}

// refillTo reads on in the store when a head has fewer than least elements.
func refillTo[E element[E]](m *Machine, q *queue, h *head[E], parse func(key, value []byte) (E, error), least int) {
	if !h.more || h.len() >= least || m.err != nil {
		return
	}
	lo := h.bound.key(nil, q.id)
	hi := queueKey(nil, lo[0], q.id+1)
	h.more = false
	var bad error
	err := m.store.Scan(lo, hi, func(key, value []byte) bool {
		e, err := parse(key, value)
		if err != nil {
			bad = err
			return false
		}
		if h.len() == headSize {
			h.bound, h.more = e, true
			return false
		}
		h.items = append(h.items, e)
		return true
	})
	m.check(err)
	m.check(bad)
}
