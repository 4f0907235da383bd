package node

import (
	"encoding/binary"
	"errors"
	"slices"
)

// The record of an identity. Its lives are those of the data that it names, so that is not repeated.

const maxReason = 1000 // bytes kept of the reason why a node was refused

func (i *Identity) encode() []byte {
	b := append([]byte{byte(firstFormat)}, i.self.Data[:]...)
	b = append(b, bit(i.taken))
	b = binary.AppendUvarint(b, uint64(len(i.lives)))
	for _, l := range i.lives {
		b = l.appendTime(b)
	}
	b = binary.AppendUvarint(b, uint64(len(i.known)))
	var peers []NodeID
	for p := range i.known { // order: sorted below
		peers = append(peers, p)
	}
	slices.Sort(peers)
	for _, p := range peers {
		a := i.known[p]
		b = append(binary.AppendUvarint(b, uint64(p)), a.life.Data[:]...)
		b = a.life.appendTime(b)
		b = append(binary.AppendUvarint(b, a.told), bit(a.fits))
	}
	return i.appendRefusal(b)
}

// appendTime adds what tells a life from others of the same data.
func (l Life) appendTime(b []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.AppendUvarint(b, l.Number), l.Boot)
}

func (i *Identity) appendRefusal(b []byte) []byte {
	if i.refused == nil {
		return append(b, 0)
	}
	kind, text := byte(1), i.refused.Error()
	if errors.Is(i.refused, ErrForgotten) {
		kind = 2
	}
	return appendBytes(append(b, kind), []byte(text[:min(len(text), maxReason)]))
}

func (i *Identity) decode(b []byte, newest Format) error {
	r := reader{buf: b, newest: newest}
	r.version(firstFormat)
	r.fill(i.self.Data[:])
	i.taken = r.byte() == 1
	for range r.count(9) {
		i.self.readTime(&r)
		i.lives = append(i.lives, i.self)
	}
	for range r.count(27) {
		peer := NodeID(r.uvarint())
		a := &metPeer{}
		r.fill(a.life.Data[:])
		a.life.readTime(&r)
		a.told, a.fits = r.uvarint(), r.byte() == 1
		i.known[peer] = a
	}
	i.readRefusal(&r)
	return r.end("identity")
}

func (l *Life) readTime(r *reader) { l.Number, l.Boot = r.uvarint(), r.uint64() }

func (i *Identity) readRefusal(r *reader) {
	switch kind := r.byte(); kind {
	case 0:
	case 1:
		i.refused = refusal{ErrRolledBack, string(r.bytes())}
	case 2:
		i.refused = refusal{ErrForgotten, string(r.bytes())}
	default:
		r.fail()
	}
}

// refusal is the reason, as it was found out in an earlier life, why a node must not run.
type refusal struct {
	error
	text string
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.error }
