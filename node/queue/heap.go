package queue

// heap is a binary heap whose elements know where they are, so that any of them can be moved or removed.
type heap[E any] struct {
	items []E
	less  func(a, b E) bool
	slot  func(E) *int // where an element keeps its index
}

func (h *heap[E]) len() int { return len(h.items) }

// min is the least element. The heap must not be empty.
func (h *heap[E]) min() E { return h.items[0] }

func (h *heap[E]) push(e E) {
	*h.slot(e) = len(h.items)
	h.items = append(h.items, e)
	h.up(len(h.items) - 1)
}

func (h *heap[E]) remove(e E) {
	i, last := *h.slot(e), len(h.items)-1
	h.swap(i, last)
	var none E
	h.items[last] = none
	h.items = h.items[:last]
	if i < last {
		h.settle(i)
	}
}

// fix restores the order after an element has changed.
func (h *heap[E]) fix(e E) { h.settle(*h.slot(e)) }

func (h *heap[E]) settle(i int) {
	if !h.down(i) {
		h.up(i)
	}
}

func (h *heap[E]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(h.items[i], h.items[parent]) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

// down says whether the element moved.
func (h *heap[E]) down(i int) bool {
	start := i
	for {
		child := 2*i + 1
		if child >= len(h.items) {
			break
		}
		if right := child + 1; right < len(h.items) && h.less(h.items[right], h.items[child]) {
			child = right
		}
		if !h.less(h.items[child], h.items[i]) {
			break
		}
		h.swap(i, child)
		i = child
	}
	return i > start
}

func (h *heap[E]) swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	*h.slot(h.items[i]), *h.slot(h.items[j]) = i, j
}
