package node

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/encoding/protowire"

	"sqsd/node/disk"
)

// Format is a version of what nodes write. A record begins with the format in which it got its layout.
//
// A group has a format too, in which its entries are written. It is part of the replicated state: the version
// of the applied record. A group begins with the first format. Its leader raises it once every member has said that it
// knows more, by an entry of the newer format, so that every replica changes at the same place in the log. It never
// goes back, and a binary that knows less does not read the group's data any more.
type Format uint8

const (
	firstFormat Format = 1
	// compactFormat has short headers of log entries.
	compactFormat Format = 2

	// NewestFormat is the newest format that this package knows.
	NewestFormat = compactFormat
)

// ErrNewerFormat says that data has a newer format than this node knows: a newer binary must be started on it, which
// finds it unharmed.
var ErrNewerFormat = errors.New("written by a newer version")

func newerFormat(has, newest Format) error {
	return fmt.Errorf("%w: this is format %d, and this binary knows formats up to %d", ErrNewerFormat, has, newest)
}

// corrupt says that the disk contradicts itself, unless it only holds what this binary is too old for.
func corrupt(err error) error {
	if errors.Is(err, ErrNewerFormat) {
		return err
	}
	return fmt.Errorf("%w: %w", disk.ErrCorrupt, err)
}

// formatTable is what a leader knows of the members' binaries.
type formatTable struct {
	said     map[NodeID]statement // in this leadership
	proposed Format               // that the group is to be raised to; 0 if nothing was proposed in this leadership
	waits    bool                 // some member keeps the group from being raised
}

// statement is the newest format that a member has said to know, as of its latest word.
type statement struct {
	format Format
	at     time.Duration // on the monotonic clock
}

// formatField is the number of a field that heartbeat responses have besides raft's own: the newest format that the
// sender knows. Binaries of the first format pass over it, as protobuf has it for unknown fields.
const formatField = 1000

// appendFormat adds to a heartbeat response the newest format that this node knows, if that is news to the group.
func (r *Replica) appendFormat(frame []byte, m *raftpb.Message) []byte {
	if m.GetType() != raftpb.MsgHeartbeatResp || r.cfg.Format <= r.applied.format {
		return frame
	}
	frame = protowire.AppendTag(frame, formatField, protowire.VarintType)
	return protowire.AppendVarint(frame, uint64(r.cfg.Format))
}

// saidFormat is what appendFormat has added to a message. A member that says nothing may be of the first format.
func saidFormat(m *raftpb.Message) Format {
	said := firstFormat
	for b := []byte(m.ProtoReflect().GetUnknown()); len(b) > 0; {
		number, kind, n := protowire.ConsumeField(b)
		if n < 0 {
			break
		}
		if number == formatField && kind == protowire.VarintType {
			_, _, skip := protowire.ConsumeTag(b)
			v, _ := protowire.ConsumeVarint(b[skip:])
			said = Format(min(v, uint64(NewestFormat)))
		}
		b = b[n:]
	}
	return said
}

// hearFormat takes note of what a member says that it knows.
func (r *Replica) hearFormat(from NodeID, m *raftpb.Message) {
	if m.GetType() == raftpb.MsgHeartbeatResp && r.lead.leading && m.GetTerm() == r.lead.term {
		r.formats.said[from] = statement{saidFormat(m), r.elapsed()}
	}
}

// everyMember lists the nodes that have a replica of the group.
func (r *Replica) everyMember() []NodeID { return slices.Concat(r.members.voters, r.members.learners) }

// knownToAll is the newest format that all members know, by their latest word, as long as that is fresh: a node that is
// down may come back with an older binary.
func (r *Replica) knownToAll() Format {
	known := r.cfg.Format
	for _, p := range r.everyMember() {
		if p == r.cfg.Node {
			continue
		}
		s := r.formats.said[p]
		if r.elapsed()-s.at > 2*r.electionTimeout() {
			s.format = 0
		}
		known = min(known, s.format)
	}
	return known
}

// raiseFormat proposes an entry that raises the group to a newer format, once all members know it. While a node is being
// added, it is not known who they are.
func (r *Replica) raiseFormat() {
	if !r.lead.ready || r.cfg.Format <= max(r.applied.format, r.formats.proposed) || r.changing() || !r.mayPropose() {
		return
	}
	to := r.knownToAll()
	if to <= max(r.applied.format, r.formats.proposed) {
		if !r.formats.waits {
			r.env.Host.Mark("newer format waits for a member")
		}
		r.formats.waits = true
		return
	}
	if r.proposeEntry(to, nil) {
		r.formats.proposed = to
	}
}

// takeFormat raises the group to the format of an entry that is being applied, if that is newer.
func (r *Replica) takeFormat(h *entryHeader) error {
	if h.format <= r.applied.format {
		return nil
	}
	if h.count > 0 {
		return fmt.Errorf("commands in format %d come before the group is raised from format %d",
			h.format, r.applied.format)
	}
	r.env.Host.Mark("format raised")
	r.env.Host.Logf(r.cfg.Group, "the format is raised from %d to %d; older binaries cannot be started any more",
		r.applied.format, h.format)
	r.applied.format = h.format
	return nil
}
