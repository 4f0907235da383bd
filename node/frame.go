package node

import (
	"encoding/binary"
	"fmt"

	"sqsd/node/queue"
	"sqsd/wire"
)

// frameKind is what a frame between replicas is about.
type frameKind byte

const (
	// frameRaft carries one raft message, and the lives of both ends.
	frameRaft frameKind = iota + 1
	// frameForward hands a call to the leader.
	frameForward
	// frameReply is the leader's answer to a forwarded call.
	frameReply
	// frameReject says that a forwarded call was not and will not be executed by this leader.
	frameReject
	// frameCancel says that the client of a forwarded call has gone.
	frameCancel
	// frameAsk asks another group of the same node.
	frameAsk
	// frameAnswer is the answer.
	frameAnswer
	// framePing and framePong measure how far the clocks of two nodes are apart.
	framePing
	framePong
	// frameChunk carries a piece of a snapshot, frameChunkAck asks for the next one.
	frameChunk
	frameChunkAck
	// frameRemoved tells a node that it was removed from the group. It has no body.
	frameRemoved
	// frameLapse says that a replica has lost what it had promised.
	frameLapse
)

// startFrame opens a frame; the body follows.
func startFrame(kind frameKind, size int) []byte {
	return append(make([]byte, 0, size+2), byte(firstFormat), byte(kind))
}

// forwardFrame is the body of frameForward.
type forwardFrame struct {
	term uint64 // the leader's term that the sender knows: the call is for that leadership only
	boot uint64 // nonce of the sender's process
	id   uint64 // of the call, rising within a boot
	low  uint64 // the lowest id that the sender still waits for
	age  uint64 // ms since the call arrived
	raw  []byte // the request
}

func (f forwardFrame) encode() []byte {
	b := startFrame(frameForward, len(f.raw)+50)
	b = binary.AppendUvarint(b, f.term)
	b = binary.AppendUvarint(b, f.boot)
	b = binary.AppendUvarint(b, f.id)
	b = binary.AppendUvarint(b, f.low)
	b = binary.AppendUvarint(b, f.age)
	return append(b, f.raw...)
}

func decodeForward(r *reader) (forwardFrame, error) {
	f := forwardFrame{term: r.uvarint(), boot: r.uvarint(), id: r.uvarint(), low: r.uvarint(), age: r.uvarint()}
	f.raw = r.buf
	return f, r.err
}

// replyFrame is the body of frameReply and frameAnswer.
type replyFrame struct {
	boot, id uint64
	result   Result
}

func (f replyFrame) encode(kind frameKind) []byte {
	b := startFrame(kind, 256)
	b = binary.AppendUvarint(b, f.boot)
	b = binary.AppendUvarint(b, f.id)
	b = appendPosition(b, f.result.At)
	return queue.AppendResult(b, queue.Result{Response: f.result.Response, Err: f.result.Err})
}

func decodeReply(r *reader) (replyFrame, error) {
	f := replyFrame{boot: r.uvarint(), id: r.uvarint()}
	f.result.At = readPosition(r)
	if r.err != nil {
		return f, r.err
	}
	res, err := queue.DecodeResult(r.buf)
	f.result.Response, f.result.Err = res.Response, res.Err
	return f, err
}

// rejectFrame is the body of frameReject.
type rejectFrame struct {
	boot, id uint64
	// empty says that at the position at the leader found nothing to receive.
	empty bool
	at    Position
}

func (f rejectFrame) encode() []byte {
	b := startFrame(frameReject, 64)
	b = binary.AppendUvarint(b, f.boot)
	b = binary.AppendUvarint(b, f.id)
	b = append(b, bit(f.empty))
	return appendPosition(b, f.at)
}

func decodeReject(r *reader) (rejectFrame, error) {
	f := rejectFrame{boot: r.uvarint(), id: r.uvarint(), empty: r.byte() == 1}
	f.at = readPosition(r)
	return f, r.end("reject frame")
}

// cancelFrame is the body of frameCancel.
type cancelFrame struct{ boot, id uint64 }

func (f cancelFrame) encode() []byte {
	b := startFrame(frameCancel, 24)
	b = binary.AppendUvarint(b, f.boot)
	return binary.AppendUvarint(b, f.id)
}

func decodeCancel(r *reader) (cancelFrame, error) {
	f := cancelFrame{boot: r.uvarint(), id: r.uvarint()}
	return f, r.end("cancel frame")
}

func appendPosition(b []byte, p Position) []byte {
	b = binary.AppendUvarint(b, uint64(p.Group))
	b = binary.AppendUvarint(b, p.Index)
	b = binary.AppendUvarint(b, uint64(p.Sub))
	b = append(b, bit(p.Read))
	b = binary.AppendVarint(b, int64(p.Time))
	b = binary.AppendUvarint(b, uint64(p.Proposer))
	b = binary.AppendUvarint(b, p.Boot)
	return binary.AppendUvarint(b, p.Seq)
}

func readPosition(r *reader) Position {
	return Position{
		Group: GroupID(r.uvarint()), Index: r.uvarint(), Sub: uint32(r.uvarint()), Read: r.byte() == 1,
		Time: wire.Time(r.varint()), Proposer: NodeID(r.uvarint()), Boot: r.uvarint(), Seq: r.uvarint(),
	}
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// openFrame checks a frame's version and returns its kind and a reader of its body.
func openFrame(b []byte, newest Format) (frameKind, reader, error) {
	r := reader{buf: b, newest: newest}
	r.version(firstFormat)
	kind := frameKind(r.byte())
	if r.err != nil {
		return 0, r, fmt.Errorf("frame: %w", r.err)
	}
	if kind < frameRaft || kind > frameLapse {
		return 0, r, fmt.Errorf("frame of unknown kind %d", kind)
	}
	return kind, r, nil
}
