package queue

import (
	"encoding/binary"
	"fmt"

	"sqsd/wire"
)

// recordVersion starts every value in the store.
const recordVersion = 1

// appendRecord starts a value.
func appendRecord(dst []byte) []byte { return append(dst, recordVersion) }

func openRecord(value string) reader {
	r := reader{rest: value}
	r.version(recordVersion)
	return r
}

// widerVersion starts a value that has more fields than those of recordVersion. It is used only if one of these is
// not zero, so that what needs none of them looks as it always did.
const widerVersion = 2

// appendEither starts a value of either version.
func appendEither(dst []byte, wider bool) []byte {
	if wider {
		return append(dst, widerVersion)
	}
	return append(dst, recordVersion)
}

// openEither opens a value of either version and says whether it is the wider one.
func openEither(value string) (r reader, wider bool) {
	if value != "" && value[0] == widerVersion {
		return reader{rest: value[1:]}, true
	}
	return openRecord(value), false
}

// closeRecord says what was wrong with a value.
func closeRecord(r *reader, what string) error {
	if err := r.end(); err != nil {
		return fmt.Errorf("%s record: %w", what, err)
	}
	return nil
}

// groupRecord is what belongs to no queue.
type groupRecord struct {
	now    wire.Time
	limits Limits
	nextID ID
	dug    uint64 // graves so far
}

func (g groupRecord) append(dst []byte) []byte {
	dst = appendTime(appendRecord(dst), g.now)
	dst = appendLimits(dst, g.limits)
	dst = binary.AppendUvarint(dst, uint64(g.nextID))
	return binary.AppendUvarint(dst, g.dug)
}

func parseGroup(value []byte) (g groupRecord, err error) {
	r := openRecord(string(value))
	g.now = r.time()
	g.limits = r.limits()
	g.nextID = ID(r.uvarint())
	g.dug = r.uvarint()
	return g, closeRecord(&r, "group")
}

// catalogRecord is what a queue was told to be.
type catalogRecord struct {
	name       string
	nonce      uint64 // random, so that handles of other incarnations do not fit
	attributes wire.Pairs
	tags       wire.Pairs
	created    wire.Time
	modified   wire.Time
	purged     wire.Time // when it was last purged, or never
}

// never is later than every time.
const never wire.Time = 1<<63 - 1

func (c *catalogRecord) append(dst []byte) []byte {
	dst = appendString(appendRecord(dst), c.name)
	dst = binary.BigEndian.AppendUint64(dst, c.nonce)
	dst = appendPairs(appendPairs(dst, c.attributes), c.tags)
	return appendTime(appendTime(appendTime(dst, c.created), c.modified), c.purged)
}

func parseCatalog(value []byte) (c catalogRecord, err error) {
	r := openRecord(string(value))
	c.name = r.string()
	c.nonce = r.uint64()
	c.attributes, c.tags = r.pairs(), r.pairs()
	c.created, c.modified, c.purged = r.time(), r.time(), r.time()
	return c, closeRecord(&r, "queue")
}

// appendPlace writes a position in few bytes: branch + 1 makes the trunk 0.
func appendPlace(dst []byte, p position) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(dst, p.ordinal), p.branch+1)
}

func (r *reader) place() position { return position{r.uvarint(), r.uvarint() - 1} }

// messageRecord is a message as it was sent, or as it came from another queue. It is written once.
type messageRecord struct {
	sent       wire.Time
	due        wire.Time // end of its delay; sent, if it had none; 0, if it came from another queue
	id         messageID
	bodyMD5    string
	sender     string
	group      string
	attributes wire.MessageAttributes
	system     wire.MessageAttributes
	source     string // the queue that it was moved from by a redrive policy
	dedup      string // deduplication id, in a FIFO queue
	body       string
}

// groupedVersion starts the record of a message in a FIFO queue.
const groupedVersion = 3

func (m *messageRecord) isWide() bool { return m.source != "" }

func (m *messageRecord) append(dst []byte) []byte {
	if m.dedup != "" {
		dst = append(dst, groupedVersion)
	} else {
		dst = appendEither(dst, m.isWide())
	}
	dst = appendTime(appendTime(dst, m.sent), m.due)
	dst = append(dst, m.id[:]...)
	dst = appendString(appendString(appendString(dst, m.bodyMD5), m.sender), m.group)
	dst = appendAttributes(appendAttributes(dst, m.attributes), m.system)
	if m.isWide() || m.dedup != "" {
		dst = appendString(dst, m.source)
	}
	if m.dedup != "" {
		dst = appendString(dst, m.dedup)
	}
	return append(dst, m.body...)
}

func parseMessage(value []byte) (m messageRecord, err error) {
	grouped := len(value) > 0 && value[0] == groupedVersion
	r, wide := reader{}, false
	if grouped {
		r.rest = string(value[1:])
	} else {
		r, wide = openEither(string(value))
	}
	m.sent, m.due = r.time(), r.time()
	copy(m.id[:], r.take(len(m.id)))
	m.bodyMD5, m.sender, m.group = r.string(), r.string(), r.string()
	m.attributes, m.system = r.attributes(), r.attributes()
	if wide {
		m.source = r.string()
		r.expect(m.isWide())
	}
	if grouped {
		m.source, m.dedup = r.string(), r.string()
		r.expect(m.dedup != "")
	}
	m.body = r.take(len(r.rest))
	return m, closeRecord(&r, "message")
}

// parseMessageTimes reads only when a message was sent and when its delay ends.
func parseMessageTimes(value []byte) (sent, due wire.Time, err error) {
	const most = 1 + 2*binary.MaxVarintLen64
	r, _ := openEither(string(value[:min(len(value), most)]))
	sent, due = r.time(), r.time()
	r.rest = ""
	return sent, due, closeRecord(&r, "message")
}

func (d *delivery) isWide() bool { return d.moved || d.stays || d.tenant != "" }

func (d *delivery) append(dst []byte) []byte {
	dst = appendTime(appendTime(appendEither(dst, d.isWide()), d.sent), d.first)
	dst = appendTime(appendTime(dst, d.last), d.visibleAt)
	dst = binary.AppendUvarint(dst, uint64(d.count))
	dst = binary.BigEndian.AppendUint64(dst, d.token)
	if d.isWide() {
		dst = appendString(appendBool(appendBool(dst, d.moved), d.stays), d.tenant)
	}
	return dst
}

func parseDelivery(key, value []byte) (*delivery, error) {
	p, ok := parsePosition(key)
	if !ok {
		return nil, fmt.Errorf("delivery key: %w", errShort)
	}
	r, wide := openEither(string(value))
	d := &delivery{position: p, sent: r.time(), first: r.time(), last: r.time(), visibleAt: r.time()}
	d.count = uint32(r.uvarint())
	d.token = r.uint64()
	if wide {
		d.moved, d.stays, d.tenant = r.bool(), r.bool(), r.string()
		r.expect(d.isWide())
	}
	return d, closeRecord(&r, "delivery")
}

// appendSent is the value of a run or a late message.
func appendSent(dst []byte, sent wire.Time) []byte { return appendTime(appendRecord(dst), sent) }

func parseSent(value []byte) (wire.Time, error) {
	r := openRecord(string(value))
	sent := r.time()
	return sent, closeRecord(&r, "sent time")
}

// grave keeps the name of a deleted queue refused for a while.
type grave struct {
	number uint64
	name   string
	at     wire.Time // of the deletion
}

func (g grave) append(dst []byte) []byte {
	return appendTime(appendString(appendRecord(dst), g.name), g.at)
}

func parseGrave(key, value []byte) (g grave, err error) {
	number, ok := parseNumber(key, 1)
	if !ok {
		return g, fmt.Errorf("grave key: %w", errShort)
	}
	r := openRecord(string(value))
	g = grave{number: number, name: r.string(), at: r.time()}
	return g, closeRecord(&r, "grave")
}
