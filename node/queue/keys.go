package queue

import (
	"encoding/binary"
	"math"

	"sqsd/wire"
)

// The layout of the machine's key space. A key is one class byte and big-endian numbers, so that key order is number
// order and no key is a prefix of another class's range. Values start with a format version (record.go).
//
//	'a' id(8) ordinal(8) branch(8)   arrival: a message that came from another queue and was never received since
//	'c' id(8)                        queue: its name, incarnation and attributes
//	'd' id(8) ordinal(8) branch(8)   message that was sent with a delay
//	'e' id(8) sent(8) ordinal(8) branch(8)  age: a message that came from another queue
//	'g'                              group: replicated time, limits, next queue id
//	'i' group(4)                     inbox: what came from another group
//	'k' id(8) number(8)              move task
//	'l' id(8) ordinal(8) branch(8)   late: a delayed message that is due and was never received -> sent
//	'm' id(8) ordinal(8)             message that was sent without a delay
//	'o' group(4) number(8)           a message on its way to another group
//	'p'                              post: where the outboxes begin and end
//	'q' id(8) stamp(8) ordinal(8) branch(8)  turn: a tenant with visible messages, in the order of receives -> its name
//	'r' id(8) ordinal(8) branch(8)   delivery: a message that was received and not deleted
//	's' id(8) ordinal(8)             run: the first of the fresh messages sent at one time -> sent
//	't' id(8) due(8) ordinal(8) branch(8)  timer: a delayed message that is not due -> sent, tenant
//	'u' id(8)                        counts: a queue's counters and where its classes begin
//	'v' id(8) ordinal(8) branch(8)   shown: a visible message of a tenant -> sent, tenant
//	'w' id(8) tenant 0 ordinal(8) branch(8)  the same message by tenant -> sent, whether it has a delivery
//	'x' number(8)                    grave: the name of a deleted queue
//	'z' id(8) tenant                 tenant with visible messages -> its stamp and the oldest of them
//
// A tenant is named by a message group id. Keys of the classes a, d, e, l, m, o, q, r, s, t, v, w are set once and removed by
// SingleDelete or DeleteRange; a delivery that is written again is removed first.
const (
	classArrival  = 'a'
	classQueue    = 'c'
	classDelayed  = 'd'
	classAge      = 'e'
	classGroup    = 'g'
	classInbox    = 'i'
	classTask     = 'k'
	classLate     = 'l'
	classMessage  = 'm'
	classOutgoing = 'o'
	classPost     = 'p'
	classTurn     = 'q'
	classDelivery = 'r'
	classRun      = 's'
	classTimer    = 't'
	classCounts   = 'u'
	classShown    = 'v'
	classByTenant = 'w'
	classGrave    = 'x'
	classTenant   = 'z'
)

// contentClasses are the classes that hold a queue's messages and what is known of them.
var contentClasses = [...]byte{
	classArrival, classDelayed, classAge, classLate, classMessage, classDelivery, classRun, classTimer,
	classTurn, classShown, classByTenant, classTenant,
}

// position is a message's place in the send order of its queue. Messages sent without a delay have consecutive
// ordinals. A delayed message stands before the undelayed message of its ordinal, which is sent after it, and delayed
// messages between two undelayed ones stand in order of branch. A message that comes from another queue is placed like a
// delayed one that is sent when it comes, and so is one that is sent with a message group id.
type position struct{ ordinal, branch uint64 }

// lastPosition is behind all positions.
var lastPosition = position{math.MaxUint64, math.MaxUint64}

// trunk is the branch of messages that were sent without a delay.
const trunk = math.MaxUint64

// delayed says that a message is on no trunk: it was sent with a delay or for a tenant, or came from another queue.
func (p position) delayed() bool { return p.branch != trunk }

func (p position) compare(o position) int {
	switch {
	case p == o:
		return 0
	case p.ordinal < o.ordinal || p.ordinal == o.ordinal && p.branch < o.branch:
		return -1
	}
	return 1
}

// groupKey holds the group record, postKey what is on its way to other groups.
var (
	groupKey = []byte{classGroup}
	postKey  = []byte{classPost}
)

// queueKey is the start of all keys of a class that belong to a queue, and the whole key of the classes c and u.
func queueKey(dst []byte, class byte, id ID) []byte {
	return binary.BigEndian.AppendUint64(append(dst, class), uint64(id))
}

// graveKey orders graves by when they were dug.
func graveKey(dst []byte, number uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, classGrave), number)
}

func inboxKey(dst []byte, from uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, classInbox), from)
}

func taskKey(dst []byte, id ID, number uint64) []byte {
	return binary.BigEndian.AppendUint64(queueKey(dst, classTask, id), number)
}

func outgoingKey(dst []byte, to uint32, number uint64) []byte {
	dst = binary.BigEndian.AppendUint32(append(dst, classOutgoing), to)
	return binary.BigEndian.AppendUint64(dst, number)
}

// messageKey holds a message's record.
func messageKey(dst []byte, id ID, p position) []byte {
	if p.delayed() {
		return positionKey(dst, classDelayed, id, p)
	}
	return binary.BigEndian.AppendUint64(queueKey(dst, classMessage, id), p.ordinal)
}

func tenantKey(dst []byte, id ID, tenant string) []byte {
	return append(queueKey(dst, classTenant, id), tenant...)
}

// tenantMessageKey has a zero behind the tenant, which no message group id has in it.
func tenantMessageKey(dst []byte, id ID, tenant string, p position) []byte {
	dst = append(queueKey(dst, classByTenant, id), tenant...)
	return appendPosition(append(dst, 0), p)
}

// positionKey is a key of class a, d, l, r or v.
func positionKey(dst []byte, class byte, id ID, p position) []byte {
	return appendPosition(queueKey(dst, class, id), p)
}

func runKey(dst []byte, id ID, first uint64) []byte {
	return binary.BigEndian.AppendUint64(queueKey(dst, classRun, id), first)
}

// timedKey is a key of class e or t.
func timedKey(dst []byte, class byte, id ID, at wire.Time, p position) []byte {
	return appendPosition(binary.BigEndian.AppendUint64(queueKey(dst, class, id), uint64(at)), p)
}

func appendPosition(dst []byte, p position) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, p.ordinal), p.branch)
}

// queueKeyLen is the length of a key that a queueKey is all of.
const queueKeyLen = 1 + 8

// parsePosition reads the position at the end of a key of class a, d, e, l, q, r, t, v or w.
func parsePosition(key []byte) (position, bool) {
	if len(key) < queueKeyLen+16 {
		return position{}, false
	}
	tail := key[len(key)-16:]
	return position{binary.BigEndian.Uint64(tail), binary.BigEndian.Uint64(tail[8:])}, true
}

// parseGroupNumber reads the group in a key of class i.
func parseGroupNumber(key []byte) (uint32, bool) {
	if len(key) != 1+4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(key[1:]), true
}

// parseNumber reads the number behind a key's first n bytes.
func parseNumber(key []byte, n int) (uint64, bool) {
	if len(key) < n+8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(key[n:]), true
}
