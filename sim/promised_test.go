package sim

import (
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"sqsd/model"
)

func TestPromisesOfReplicasOutlastThem(t *testing.T) {
	const accept, grant = raftpb.MsgAppResp, raftpb.MsgVoteResp
	frame := func(kind raftpb.MessageType, to, term uint64, reject bool) []byte {
		b, err := proto.Marshal(&raftpb.Message{Type: &kind, To: &to, Term: &term, Reject: &reject})
		if err != nil {
			t.Fatal(err)
		}
		return append([]byte{1, 1, 9, 9}, b...) // version, kind, lives
	}
	for _, c := range []struct {
		name   string
		frames [][]byte
		want   model.Promise
	}{
		{"two votes in a term", [][]byte{frame(grant, 2, 5, false), frame(grant, 3, 5, false)}, model.Durable},
		{"a vote in an earlier term", [][]byte{frame(accept, 2, 6, false), frame(grant, 3, 5, false)}, model.Durable},
		{"an answer in an earlier term", [][]byte{frame(grant, 2, 6, false), frame(accept, 3, 5, true)}, model.Durable},
		{"one vote, said again", [][]byte{frame(grant, 2, 5, false), frame(grant, 2, 5, false)}, ""},
		{"a vote and a refusal", [][]byte{frame(grant, 2, 5, false), frame(grant, 3, 5, true)}, ""},
		{"votes in rising terms", [][]byte{frame(grant, 2, 5, false), frame(accept, 2, 6, false), frame(grant, 3, 7, false)}, ""},
		{"heartbeats promise nothing", [][]byte{frame(raftpb.MsgHeartbeatResp, 2, 6, false), frame(grant, 3, 5, false)}, ""},
		{"other frames", [][]byte{frame(grant, 2, 5, false), {0xf0}, {1, 2, 3}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(quietPlan(1, 3), Options{})
			v := breaks(func() {
				for _, f := range c.frames {
					w.network.promise(1, 0, f)
				}
			})
			if v == nil && c.want != "" || v != nil && v.Promise != c.want {
				t.Errorf("got %v, want promise %q broken", v, c.want)
			}
		})
	}
}
