package node

import (
	"errors"
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// receiveFrame takes a frame from another replica, or from a replica of this node's other groups. A frame that makes no
// sense is dropped: the network may lose frames anyway. So is one from a node that was removed. One from a node that is not
// known to be a member is not: it may be a member by entries that this replica lacks, and even lead.
func (r *Replica) receiveFrame(from NodeID, b []byte) {
	if r.members.isRemoved(from) && from != r.cfg.Node {
		r.env.Host.Mark("frame of a removed node dropped")
		r.send(from, startFrame(frameRemoved, 0))
		return
	}
	r.relay.heard[from] = r.elapsed()
	if err := r.dispatch(from, b); err != nil {
		if errors.Is(err, ErrNewerFormat) {
			r.env.Host.Mark("frame of a newer format dropped")
		} else {
			r.env.Host.Mark("malformed frame dropped")
		}
		r.env.Host.Logf(r.cfg.Group, "dropped a frame of %d bytes from node %d: %v", len(b), from, err)
	}
}

func (r *Replica) dispatch(from NodeID, b []byte) error {
	kind, body, err := openFrame(b, r.cfg.Format)
	if err != nil {
		return err
	}
	switch kind {
	case frameRaft:
		return r.receiveRaft(from, body)
	case frameForward:
		f, err := decodeForward(&body)
		if err != nil {
			return err
		}
		return r.receiveForward(from, f)
	case frameReply, frameAnswer:
		f, err := decodeReply(&body)
		if err != nil {
			return err
		}
		if kind == frameReply {
			r.receiveReply(f)
		} else {
			r.receiveAnswer(f)
		}
	case frameReject:
		f, err := decodeReject(&body)
		if err != nil {
			return err
		}
		r.receiveReject(f)
	case frameCancel:
		f, err := decodeCancel(&body)
		if err != nil {
			return err
		}
		r.receiveCancel(from, f)
	case frameAsk:
		f, err := decodeAsk(&body)
		if err != nil {
			return err
		}
		return r.receiveAsk(from, f)
	case frameRemoved:
		r.expel()
		return body.end("notice of removal")
	case framePing, framePong:
		return r.receiveClock(kind, from, body)
	case frameChunk, frameChunkAck:
		return r.receiveSnapshot(kind, from, body)
	case frameLapse:
		l, err := decodeLapse(&body)
		if err != nil {
			return err
		}
		r.receiveLapse(from, l)
	}
	return nil
}

// RaftMessage is the raft message that a frame carries, for those who watch a network; nil if it carries none.
func RaftMessage(frame []byte) *raftpb.Message {
	kind, body, err := openFrame(frame, NewestFormat)
	if err != nil || kind != frameRaft {
		return nil
	}
	if _, _, m, err := decodeRaft(body); err == nil {
		return m
	}
	return nil
}

// decodeRaft reads the body of frameRaft: the sender's life, the receiver's that it is meant for, and the message.
func decodeRaft(body reader) (from, to uint64, m *raftpb.Message, err error) {
	from, to = body.uvarint(), body.uvarint()
	if body.err != nil {
		return 0, 0, nil, body.err
	}
	m = &raftpb.Message{}
	return from, to, m, proto.Unmarshal(body.buf, m)
}

// receiveRaft steps a raft message. A snapshot comes as chunks, and a node with a bad clock is not asked to lead.
func (r *Replica) receiveRaft(from NodeID, body reader) error {
	life, own, m, err := decodeRaft(body)
	if err != nil {
		return err
	}
	switch {
	case m.GetFrom() != uint64(from) || m.GetTo() != uint64(r.cfg.Node):
		return fmt.Errorf("raft message from %d to %d", m.GetFrom(), m.GetTo())
	case m.GetType() == raftpb.MsgSnap || m.GetType() == raftpb.MsgProp:
		return fmt.Errorf("raft message of type %v", m.GetType())
	case r.members.isEmpty() && (m.GetType() == raftpb.MsgVote || m.GetType() == raftpb.MsgPreVote):
		return fmt.Errorf("asked for a vote before it has joined the group")
	case m.GetType() == raftpb.MsgTimeoutNow && !r.clock.mayCampaign(r):
		r.env.Host.Mark("leadership declined because of the clock")
		return nil
	case m.GetType() == raftpb.MsgTimeoutNow && r.departure.leaving:
		r.env.Host.Mark("leadership declined before the node stops")
		return nil
	case !r.acquainted(from, life, own):
		r.env.Host.Mark("raft message of a life that does not count")
		return nil
	}
	if m.GetType() == raftpb.MsgAppResp {
		r.acquaintance(from).asked = asked{}
	}
	r.notePromise(from, m)
	r.hearFormat(from, m)
	r.testify(m)
	r.step(m)
	return nil
}

func appendProto(dst []byte, m *raftpb.Message) ([]byte, error) {
	return proto.MarshalOptions{}.MarshalAppend(dst, m)
}
