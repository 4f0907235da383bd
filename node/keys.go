package node

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
)

// The layout of the two stores. All numbers in keys are big-endian, so that key order is number order.
//
//	log store    'i'                             the node's identity
//	             'l' group(4) 'e' index(8)       a raft entry
//	             'l' group(4) 'h'                hard state
//	             'l' group(4) 'm'                log meta: generation, where the log begins, first voters
//	state store  's' group(4) generation(8) 'a'  applied index and term
//	             's' group(4) generation(8) 'm'  membership, if it has ever changed
//	             's' group(4) generation(8) 'q'… the queue machine's keys
//
// A generation is one life of a group's state: a snapshot is received into the next generation, and becomes the state
// by the one synced write of the log meta that names it.
const (
	logSpace   = 'l'
	stateSpace = 's'

	entryKind   = 'e'
	hardKind    = 'h'
	metaKind    = 'm'
	appliedKind = 'a'
	membersKind = 'm'
	queueKind   = 'q'
)

var identityKey = []byte{'i'}

func logPrefix(g GroupID) []byte {
	return binary.BigEndian.AppendUint32([]byte{logSpace}, uint32(g))
}

func hardKey(g GroupID) []byte { return append(logPrefix(g), hardKind) }
func metaKey(g GroupID) []byte { return append(logPrefix(g), metaKind) }

func entryKey(g GroupID, index uint64) []byte {
	return binary.BigEndian.AppendUint64(append(logPrefix(g), entryKind), index)
}

func statePrefix(g GroupID, generation uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32([]byte{stateSpace}, uint32(g)), generation)
}

func appliedKey(g GroupID, generation uint64) []byte {
	return append(statePrefix(g, generation), appliedKind)
}

func membersKey(g GroupID, generation uint64) []byte {
	return append(statePrefix(g, generation), membersKind)
}

// logMeta says where a group's log begins and which generation of its state the log continues.
type logMeta struct {
	generation uint64
	index      uint64 // of the last entry before the log's first
	term       uint64 // of that entry
	// voters are those of the group if its membership has never changed; none while the node waits to join.
	voters []uint64
}

func (m logMeta) encode() []byte {
	b := []byte{byte(firstFormat)}
	b = binary.AppendUvarint(b, m.generation)
	b = binary.AppendUvarint(b, m.index)
	b = binary.AppendUvarint(b, m.term)
	b = binary.AppendUvarint(b, uint64(len(m.voters)))
	for _, v := range m.voters {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func decodeLogMeta(b []byte, newest Format) (logMeta, error) {
	r := reader{buf: b, newest: newest}
	r.version(firstFormat)
	m := logMeta{generation: r.uvarint(), index: r.uvarint(), term: r.uvarint()}
	n := r.count(1)
	for range n {
		m.voters = append(m.voters, r.uvarint())
	}
	return m, r.end("log meta")
}

func encodeHardState(h *raftpb.HardState) []byte {
	b := []byte{byte(firstFormat)}
	b = binary.AppendUvarint(b, h.GetTerm())
	b = binary.AppendUvarint(b, h.GetVote())
	return binary.AppendUvarint(b, h.GetCommit())
}

func decodeHardState(b []byte, newest Format) (*raftpb.HardState, error) {
	r := reader{buf: b, newest: newest}
	r.version(firstFormat)
	term, vote, commit := r.uvarint(), r.uvarint(), r.uvarint()
	return &raftpb.HardState{Term: &term, Vote: &vote, Commit: &commit}, r.end("hard state")
}

// encodeLogEntry drops the index, which is in the key.
func encodeLogEntry(e *raftpb.Entry) []byte {
	b := make([]byte, 0, len(e.GetData())+16)
	b = append(b, byte(firstFormat), byte(e.GetType()))
	b = binary.AppendUvarint(b, e.GetTerm())
	return append(b, e.GetData()...)
}

func decodeLogEntry(index uint64, b []byte, newest Format) (*raftpb.Entry, error) {
	r := reader{buf: b, newest: newest}
	r.version(firstFormat)
	kind := raftpb.EntryType(r.byte())
	term := r.uvarint()
	if r.err != nil {
		return nil, fmt.Errorf("log entry %d: %w", index, r.err)
	}
	e := &raftpb.Entry{Index: &index, Term: &term, Type: &kind}
	if len(r.buf) > 0 {
		e.Data = append([]byte(nil), r.buf...)
	}
	return e, nil
}

// applied says how far a state generation has got. The record begins with the group's format.
type applied struct {
	index, term uint64
	format      Format
}

func (a applied) encode() []byte {
	b := []byte{byte(a.format)}
	b = binary.AppendUvarint(b, a.index)
	return binary.AppendUvarint(b, a.term)
}

func decodeApplied(b []byte, newest Format) (applied, error) {
	r := reader{buf: b, newest: newest}
	a := applied{format: r.version(NewestFormat), index: r.uvarint(), term: r.uvarint()}
	return a, r.end("applied index")
}
