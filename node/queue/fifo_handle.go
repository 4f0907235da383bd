package queue

import (
	"errors"

	"sqsd/node/disk"
	"sqsd/wire"
)

// resolveInGroup finds what a receipt handle of a FIFO queue stands for. There is a delivery exactly if it is current,
// which it is only while its message is in flight.
func (m *Machine) resolveInGroup(q *queue, h handle) (*delivery, standing) {
	if d := q.fifo.flying[h.position.ordinal]; d != nil {
		if d.token == h.token {
			return d, current
		}
		m.mark(markStaleHandle)
		return nil, stale
	}
	_, err := m.store.Get(numberKey(m.key[:0], classPlace, q.id, h.position.ordinal))
	switch {
	case err == nil:
		m.mark(markExpiredHandle)
		return nil, stale
	case errors.Is(err, disk.ErrNotFound):
		m.mark(markGoneHandle)
		return nil, gone
	}
	m.check(err)
	return nil, gone
}

// expiredHandle refuses a handle of a FIFO queue whose message was received again or is visible again (section 9, row 3).
func expiredHandle(text string) *wire.Error {
	return wire.BadValue("ReceiptHandle", text, "The receipt handle has expired.")
}

// hideInGroup sets when a message in flight becomes visible.
func (m *Machine) hideInGroup(q *queue, d *delivery, until wire.Time) {
	m.land(q, d)
	d.visibleAt = until
	if d.isHidden(m.now) {
		m.takeOff(q, d)
	}
	m.regroup(q, d.group)
}
