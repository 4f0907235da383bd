package queue

import (
	"encoding/binary"

	"sqsd/wire"
)

// countsRecord is what a queue counts, and where in each class its first element is, so that opening a queue never
// walks over what was removed. Where a class is empty its first element is zero.
type countsRecord struct {
	next, cursor uint64    // ordinals: of the next message, and of the first fresh one
	tail         wire.Time // when the last fresh message was sent
	firstRun     uint64

	branches   uint64 // delayed messages so far
	waiting    uint64 // of them, those that are not due
	firstDue   wire.Time
	oldest     position // no waiting message is before it
	oldestSent wire.Time
	late       uint64 // those that are due and were never received
	firstLate  position

	received      uint64
	firstReceived position

	movedCounts
	shownCounts
}

// shownCounts is the part of a countsRecord that only queues have which had messages with a message group id.
type shownCounts struct {
	tenantCounts
	firstShown position
	firstReady tenant // without the name
}

// movedCounts is the part of a countsRecord that only queues have which messages came to from others or left for
// others.
type movedCounts struct {
	arrivals     uint64
	firstArrival position
	ages         uint64
	firstAge     age
	purgedMoves  uint64 // when the queue was purged last, so many messages had left the group's queues for others
}

func (c *countsRecord) isWide() bool {
	return c.movedCounts != movedCounts{} || c.shownCounts != shownCounts{}
}

func (c *countsRecord) append(dst []byte) []byte {
	wide := c.isWide()
	dst = appendEither(dst, wide)
	dst = binary.AppendUvarint(dst, c.next)
	dst = binary.AppendUvarint(dst, c.cursor)
	dst = appendTime(dst, c.tail)
	dst = binary.AppendUvarint(dst, c.firstRun)
	dst = binary.AppendUvarint(dst, c.branches)
	dst = binary.AppendUvarint(dst, c.waiting)
	dst = appendTime(dst, c.firstDue)
	dst = appendPlace(dst, c.oldest)
	dst = appendTime(dst, c.oldestSent)
	dst = binary.AppendUvarint(dst, c.late)
	dst = appendPlace(dst, c.firstLate)
	dst = binary.AppendUvarint(dst, c.received)
	dst = appendPlace(dst, c.firstReceived)
	if wide {
		dst = c.shownCounts.append(c.movedCounts.append(dst))
	}
	return dst
}

func (c *movedCounts) append(dst []byte) []byte {
	dst = appendPlace(binary.AppendUvarint(dst, c.arrivals), c.firstArrival)
	dst = appendPlace(appendTime(binary.AppendUvarint(dst, c.ages), c.firstAge.sent), c.firstAge.position)
	return binary.AppendUvarint(dst, c.purgedMoves)
}

func (c *shownCounts) append(dst []byte) []byte {
	for _, n := range [...]uint64{c.shownCount, c.readyCount, c.takings, c.stamp, c.firstReady.stamp} {
		dst = binary.AppendUvarint(dst, n)
	}
	return appendPlace(appendPlace(dst, c.firstReady.position), c.firstShown)
}

func parseCounts(value []byte) (c countsRecord, err error) {
	r, wide := openEither(string(value))
	c.next, c.cursor = r.uvarint(), r.uvarint()
	c.tail = r.time()
	c.firstRun = r.uvarint()
	c.branches, c.waiting = r.uvarint(), r.uvarint()
	c.firstDue = r.time()
	c.oldest, c.oldestSent = r.place(), r.time()
	c.late, c.firstLate = r.uvarint(), r.place()
	c.received, c.firstReceived = r.uvarint(), r.place()
	if wide {
		c.arrivals, c.firstArrival = r.uvarint(), r.place()
		c.ages, c.firstAge = r.uvarint(), age{r.time(), r.place()}
		c.purgedMoves = r.uvarint()
		c.tenantCounts = tenantCounts{r.uvarint(), r.uvarint(), r.uvarint(), r.uvarint()}
		c.firstReady, c.firstShown = tenant{stamp: r.uvarint(), position: r.place()}, r.place()
		r.expect(c.isWide())
	}
	return c, closeRecord(&r, "counts")
}
