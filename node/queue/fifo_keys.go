package queue

import "encoding/binary"

// The classes of FIFO queues are capital letters; besides these they have the classes c, k, m and u. The formats of the
// values are with the types that they are of. era is how often the queue was purged, so that names that come again after
// a purge have keys that were never removed.
//
//	'A' id(8) era(8) attempt id           receive that can be repeated
//	'B' id(8) group(8) ordinal(8)         member: a message of a group that was never received, but for the first one
//	'D' id(8) era(8) scope(1) ...         accepted send, by deduplication id; by group before that if the scope is 1
//	'F' id(8)                             counts of the FIFO queue
//	'G' id(8) era(8) message group id     group
//	'H' id(8) group(8)                    group with messages in flight -> message group id
//	'P' id(8) ordinal(8)                  place: a message -> when it was sent, message group id
//	'Q' id(8) stamp(8) ordinal(8)         group with something to receive, in the order of receives
//	'R' id(8) number(8)                   memo: what is to be forgotten, in order of time
//
// A group is numbered by the ordinal of the message that it began with. All keys but those of the classes F and G are
// set once and removed by SingleDelete or DeleteRange.
const (
	classAttempt      = 'A'
	classMember       = 'B'
	classSend         = 'D'
	classFIFO         = 'F'
	classMessageGroup = 'G'
	classHeld         = 'H'
	classPlace        = 'P'
	classReady        = 'Q'
	classMemo         = 'R'
)

// fifoClasses are the classes that hold a FIFO queue's groups, apart from its counts.
var fifoClasses = [...]byte{
	classAttempt, classMember, classSend, classMessageGroup, classHeld, classPlace, classReady, classMemo, classMessage,
}

// numberKey is a key of class H, P or R.
func numberKey(dst []byte, class byte, id ID, number uint64) []byte {
	return binary.BigEndian.AppendUint64(queueKey(dst, class, id), number)
}

// pairKey is a key of class B or Q.
func pairKey(dst []byte, class byte, id ID, a, b uint64) []byte {
	return binary.BigEndian.AppendUint64(numberKey(dst, class, id, a), b)
}

// parsePair reads the numbers of a pairKey.
func parsePair(key []byte) (a, b uint64, ok bool) {
	if len(key) != queueKeyLen+16 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint64(key[queueKeyLen:]), binary.BigEndian.Uint64(key[queueKeyLen+8:]), true
}

// nameKey is a key of class A or G.
func nameKey(dst []byte, class byte, id ID, era uint64, name string) []byte {
	return append(numberKey(dst, class, id, era), name...)
}

// sendKey holds an accepted send. The group is empty unless the scope of deduplication was the message group.
func sendKey(dst []byte, id ID, era uint64, group, dedupID string) []byte {
	dst = numberKey(dst, classSend, id, era)
	if group == "" {
		return append(append(dst, 0), dedupID...)
	}
	dst = append(append(dst, 1, byte(len(group))), group...)
	return append(dst, dedupID...)
}
