package node

import (
	"sqsd/node/disk/pebbledisk"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
)

func TestAPromiseIsKeptByWhatTheDiskHas(t *testing.T) {
	const self = 2 // who the promises were made to
	for _, c := range []struct {
		name  string
		made  promise
		disk  standing
		keeps bool
	}{
		{"nothing was promised", promise{}, standing{}, true},
		{"a later term, a shorter log", promise{term: 3, last: 9, own: true}, standing{term: 4, last: 5}, true},
		{"an earlier term", promise{term: 3}, standing{term: 2, last: 9}, false},
		{"the vote", promise{term: 3, voted: true}, standing{term: 3, vote: self}, true},
		{"a vote for nobody", promise{term: 3, voted: true}, standing{term: 3}, false},
		{"a vote for another", promise{term: 3, voted: true}, standing{term: 3, vote: 1}, false},
		{"the entries", promise{term: 3, last: 9, own: true}, standing{term: 3, lastTerm: 3, last: 9}, true},
		{"one entry less", promise{term: 3, last: 9, own: true}, standing{term: 3, lastTerm: 3, last: 8}, false},
		{"as many entries, of an earlier term", promise{term: 3, last: 9, own: true}, standing{term: 3, lastTerm: 2, last: 9}, false},
		{"as many, promised before the first of the term", promise{term: 3, last: 9}, standing{term: 3, lastTerm: 2, last: 9}, true},
	} {
		if got := c.disk.keeps(c.made, self); got != c.keeps {
			t.Errorf("%s: %+v keeps %+v: %t", c.name, c.disk, c.made, got)
		}
	}
}

// The answer that introduced this node to its peer may have got lost, while that of the peer arrived here.
func TestAPeerThatDoesNotKnowThisLifeIsIntroducedToIt(t *testing.T) {
	c := lone()
	c.Node, c.Peers, c.Join = 4, nil, true
	var sent [][]byte
	r := openNode(t, c, openTestStore(t, pebbledisk.Log), openTestStore(t, pebbledisk.State))
	r.env.Network = outbox{still{t}, &sent}
	r.Deliver(1, standing{}.append(append(startFrame(framePong, 0), 0, 0, 1))) // introduces the first life of node 1
	r.Advance()
	sent = nil
	m := &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum(), From: new(uint64(1)), To: new(uint64(4)), Term: new(uint64(5))}
	frame, err := appendProto(appendLives(startFrame(frameRaft, 0), 1, c.Life-1), m)
	if err != nil {
		t.Fatal(err)
	}
	r.Deliver(1, frame)
	r.Advance()
	if len(sent) != 1 || frameKind(sent[0][1]) != framePing || r.Status().Term != 0 {
		t.Errorf("sent %x, in term %d", sent, r.Status().Term)
	}
}
