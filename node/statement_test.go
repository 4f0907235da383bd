package node

import (
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// outbox keeps the frames that a replica sends.
type outbox struct {
	still
	frames *[][]byte
}

func (o outbox) Send(_ NodeID, _ GroupID, frame []byte) { *o.frames = append(*o.frames, frame) }

func TestAMemberSaysWhatItKnowsAndOldBinariesReadItAsEver(t *testing.T) {
	beat := &raftpb.Message{Type: new(raftpb.MsgHeartbeatResp), From: new(uint64(2)), To: new(uint64(1)), Term: new(uint64(3))}
	for _, test := range []struct {
		knows, group Format
		kind         raftpb.MessageType
		said         Format
	}{
		{compactFormat, firstFormat, raftpb.MsgHeartbeatResp, compactFormat},
		{compactFormat, firstFormat, raftpb.MsgAppResp, firstFormat},
		{firstFormat, firstFormat, raftpb.MsgHeartbeatResp, firstFormat},
		{compactFormat, compactFormat, raftpb.MsgHeartbeatResp, firstFormat}, // nobody asks any more
	} {
		frames := &[][]byte{}
		r := &Replica{
			cfg: Config{Format: test.knows}, env: Env{Network: outbox{still{t}, frames}}, applied: applied{format: test.group},
			peers: map[NodeID]*acquaintance{},
		}
		beat.Type = &test.kind
		r.sendRaft(beat)
		got := RaftMessage((*frames)[0])
		if said := saidFormat(got); said != test.said {
			t.Errorf("%+v: the message says %d", test, said)
		}
		got.ProtoReflect().SetUnknown(nil)
		if !proto.Equal(got, beat) {
			t.Errorf("%+v: raft is given %v, want %v", test, got, beat)
		}
	}
}

func TestTheRaiseWaitsForTheLatestFreshWordOfEveryMember(t *testing.T) {
	now := time.Hour
	fresh, old := now-time.Second, now-time.Minute
	for _, test := range []struct {
		name string
		said map[NodeID]statement
		want Format
	}{
		{"nobody has spoken", nil, 0},
		{"one is silent", map[NodeID]statement{2: {compactFormat, fresh}}, 0},
		{"one knows less", map[NodeID]statement{2: {compactFormat, fresh}, 3: {firstFormat, fresh}}, firstFormat},
		{"one has not spoken for long", map[NodeID]statement{2: {compactFormat, fresh}, 3: {compactFormat, old}}, 0},
		{"all know", map[NodeID]statement{2: {compactFormat, fresh}, 3: {compactFormat, fresh}}, compactFormat},
	} {
		members := membership{voters: []NodeID{1, 2}, learners: []NodeID{3}, removed: []NodeID{4}}
		r := &Replica{cfg: lone(), members: members, env: Env{Clock: ticking{elapsed: &now}}, formats: formatTable{said: test.said}}
		if got := r.knownToAll(); got != test.want {
			t.Errorf("%s: format %d, want %d", test.name, got, test.want)
		}
	}
}

func TestALeaderGoesByTheLatestWordOfItsLeadership(t *testing.T) {
	now := time.Hour
	r := &Replica{env: Env{Clock: ticking{elapsed: &now}}, lead: leadership{term: 7, leading: true}}
	r.takeLeadership()
	hear := func(term uint64, knows Format) {
		teller := &Replica{cfg: Config{Format: knows}, applied: applied{format: firstFormat}}
		m := &raftpb.Message{Type: new(raftpb.MsgHeartbeatResp), Term: &term}
		b, err := appendProto(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		got := &raftpb.Message{}
		if err := proto.Unmarshal(teller.appendFormat(b, m), got); err != nil {
			t.Fatal(err)
		}
		r.hearFormat(2, got)
	}
	for i, step := range []struct {
		term uint64
		says Format
		want Format
	}{
		{6, compactFormat, 0}, {7, firstFormat, firstFormat}, {7, compactFormat, compactFormat}, {6, firstFormat, compactFormat},
		{7, firstFormat, firstFormat}, {8, compactFormat, firstFormat},
	} {
		hear(step.term, step.says)
		if got := r.formats.said[2].format; got != step.want {
			t.Errorf("step %d: the leader takes the member to know %d, want %d", i, got, step.want)
		}
	}
	r.takeLeadership()
	if len(r.formats.said) > 0 {
		t.Error("the leader remembers words of its last leadership")
	}
}
