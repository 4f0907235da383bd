package peer

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"sqsd/node"
)

// ClusterID tells clusters apart: nodes talk only if theirs are equal.
type ClusterID [16]byte

func (c ClusterID) String() string { return hex.EncodeToString(c[:]) }

// version is that of the handshake and of the frames that follow it.
const version = 2

// A connection begins with the dialer's hello and the receiver's. Each judges the other's, the receiver before it answers.
// Then the dialer confirms, the receiver notes who it is and sends its first beat, and frames follow.

// hello is what both sides open with: magic, version, cluster, sender, receiver, the sender's greeting, checksum of all
// that. The greeting is the sender's life, whether it is new, and the receiver's life. Magic and version stay where they
// are in every version.
type hello struct {
	cluster  ClusterID
	from, to node.NodeID
	greeting node.Greeting
}

const (
	magic      = "sqsd-peer\n"
	lifeBytes  = 16 + 8 + 8
	headBytes  = len(magic) + 2
	helloBytes = headBytes + 16 + 8 + 8 + lifeBytes + 1 + lifeBytes + 4
)

var (
	errNotPeer      = errors.New("not an sqsd peer")
	errOtherVersion = errors.New("another version of the peer protocol")
)

// confirmation is what the dialer says when it has judged the answer.
const confirmation = '!'

func (h hello) encode() []byte {
	b := append(make([]byte, 0, helloBytes), magic...)
	b = binary.LittleEndian.AppendUint16(b, version)
	b = append(b, h.cluster[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.from))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.to))
	b = appendLife(b, h.greeting.Self)
	if h.greeting.New {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = appendLife(b, h.greeting.Peer)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func readHello(r io.Reader) (hello, error) {
	var b [helloBytes]byte
	if _, err := io.ReadFull(r, b[:headBytes]); err != nil {
		return hello{}, fmt.Errorf("%w: handshake: %v", errNotPeer, unexpected(err))
	}
	if string(b[:len(magic)]) != magic {
		return hello{}, fmt.Errorf("%w: it opened with %q", errNotPeer, b[:len(magic)])
	}
	if v := binary.LittleEndian.Uint16(b[len(magic):]); v != version {
		return hello{}, fmt.Errorf("%w: peer speaks version %d, this node version %d", errOtherVersion, v, version)
	}
	if _, err := io.ReadFull(r, b[headBytes:]); err != nil {
		return hello{}, fmt.Errorf("%w: handshake: %v", errNotPeer, unexpected(err))
	}
	body, sum := b[:helloBytes-4], binary.LittleEndian.Uint32(b[helloBytes-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return hello{}, fmt.Errorf("%w: checksum of the handshake does not match", errNotPeer)
	}
	rest := body[headBytes:]
	var h hello
	copy(h.cluster[:], rest)
	h.from = node.NodeID(binary.LittleEndian.Uint64(rest[16:]))
	h.to = node.NodeID(binary.LittleEndian.Uint64(rest[24:]))
	rest = rest[32:]
	h.greeting = node.Greeting{Self: readLife(rest), New: rest[lifeBytes] == 1, Peer: readLife(rest[lifeBytes+1:])}
	return h, nil
}

func appendLife(b []byte, l node.Life) []byte {
	b = append(b, l.Data[:]...)
	b = binary.LittleEndian.AppendUint64(b, l.Number)
	return binary.LittleEndian.AppendUint64(b, l.Boot)
}

func readLife(b []byte) (l node.Life) {
	copy(l.Data[:], b)
	l.Number, l.Boot = binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
	return l
}

// check says why the other side, which sent h, is not who this side expects.
func (h hello) check(cluster ClusterID, from, to node.NodeID) error {
	switch {
	case h.cluster != cluster:
		return fmt.Errorf("peer belongs to another cluster (%s, this node's is %s): "+
			"the nodes that start a cluster need the same --peers and --groups, one that comes later needs --join", h.cluster, cluster)
	case h.from != from:
		return fmt.Errorf("peer is node %d, not node %d: check the addresses in --peers", h.from, from)
	case h.to != to:
		return fmt.Errorf("peer wants node %d, this is node %d: check the addresses in --peers", h.to, to)
	}
	return nil
}
