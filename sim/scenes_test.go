package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"sqsd/node"
	"sqsd/wire"
)

// TestScenes runs testdata/scene: scenes of a cluster, step by step. Each begins with
//
//	cluster nodes=N [groups=N] [pending=BYTES] [due=N] QUEUE...     a name may end in @G: then the queue lives in group G;
//	                                                        pending is node.Config.MaxPendingBytes
//
// and goes on with lines under "do". What a line printed stands under it; lines that printed nothing are left out.
//
//	create QUEUE [Attribute=V]... [dlq=QUEUE:N]     set QUEUE Attribute=V... [dlq=QUEUE:N]     delete-queue QUEUE     purge QUEUE
//	send QUEUE BODY [group=G] [dedup=D] [delay=S]
//	receive QUEUE [max=N] [timeout=S] [wait=S] [attempt=ID]     prints bodies with receive counts
//	delete QUEUE BODY     change QUEUE BODY timeout=S           by the latest handle of the body
//	counts QUEUE                       visible, in flight, delayed
//	move QUEUE [to=QUEUE] [rate=N]     starts a move task
//	advance DURATION
//	crash NODE...     restart NODE...     pause NODE DURATION     NODE is n1, n2 ..., leader:QUEUE, or all
//	partition NODE...     cuts them off from the others     heal
//	clock NODE DURATION                sets a wall clock off by so much
//	join NODE     remove NODE          an operator adds a node behind the first N or removes one, and is done
//	members QUEUE                      the voters of the queue's group, as its leader has them
//	LINE at=NODE                       a request goes to the first node that is up, or to this one
//	ask LINE                           sends a request without waiting; answers prints what came since, in order
//	leads QUEUE NODE                   whether the node leads the queue's group
//	judge                              heals, drains and checks the history: the end of every script
//
// A refused call prints its error code; a call without an answer prints "unknown".
func TestScenes(t *testing.T) {
	datadriven.Walk(t, "testdata/scene", func(t *testing.T, path string) {
		var s *play
		judged := false
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "cluster" {
				s = newPlay(t, d)
				return ""
			}
			judged = judged || strings.Contains(d.Input, "judge")
			return s.run(t, d.Input)
		})
		if !judged {
			t.Error("the script does not end with judge")
		}
	})
}

// play is a scene with the names that a script uses.
type play struct {
	*scene
	names   map[string]string // of queues, as they are in the script
	handles map[string]string // by queue and body, the latest
	asked   []*operation      // without waiting
}

func newPlay(t *testing.T, d *datadriven.TestData) *play {
	nodes, groups, pending, due := 1, 1, 1<<20, 4096
	s := &play{names: map[string]string{}, handles: map[string]string{}}
	var queues []string
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "nodes":
			nodes = mustNumber(t, arg.Vals[0])
		case "groups":
			groups = mustNumber(t, arg.Vals[0])
		case "pending":
			pending = mustNumber(t, arg.Vals[0])
		case "due":
			due = mustNumber(t, arg.Vals[0])
		default:
			queues = append(queues, s.nameQueue(t, arg.Key, groups))
		}
	}
	s.scene = newScene(t, nodes, groups, pending, due, queues...)
	return s
}

func (s *play) run(t *testing.T, lines string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(lines, "\n") {
		if out := s.line(t, strings.Fields(line)); out != "" {
			fmt.Fprintf(&b, "%s\n", out)
		}
	}
	return b.String()
}

func (s *play) line(t *testing.T, words []string) string {
	verb, rest := words[0], words[1:]
	switch verb {
	case "advance":
		s.until(s.now+mustDuration(t, rest[0]), nil)
	case "crash":
		for _, p := range s.nodes(t, rest) {
			p.crash("script")
		}
	case "restart":
		for _, p := range s.nodes(t, rest) {
			p.start()
		}
	case "pause":
		s.nodes(t, rest[:1])[0].pause(mustDuration(t, rest[1]))
	case "partition":
		s.partition(s.nodes(t, rest))
	case "heal":
		s.network.heal(func(int) bool { return true })
	case "clock":
		s.nodes(t, rest[:1])[0].hardware.setSkew(mustDuration(t, rest[1]))
	case "join", "remove":
		s.change(t, verb, node.NodeID(mustNumber(t, strings.TrimPrefix(rest[0], "n"))))
	case "members":
		leader := s.processes[s.lastLeader[s.groupOf(rest[0])]-1]
		status := leader.members[s.groupOf(rest[0])].replica.Status()
		return listText(status.Members.Voters, nodeText)
	case "leads":
		p := s.nodes(t, rest[1:])[0]
		return strconv.FormatBool(p.alive && p.members[s.groupOf(rest[0])].replica.Status().Leading)
	case "ask":
		s.asked = append(s.asked, s.send(t, rest))
	case "answers":
		return s.answers()
	case "judge":
		if v := s.finish(); v != nil {
			return v.Error()
		}
		return "ok"
	default:
		op := s.send(t, words)
		s.until(s.now+recovery, func() bool { return op.ended })
		return s.show(op)
	}
	return ""
}

// send sends the request that words describe, to the node that they name.
func (s *play) send(t *testing.T, words []string) *operation {
	for _, w := range words {
		if at, ok := strings.CutPrefix(w, "at="); ok {
			return s.askAt(int(s.nodes(t, []string{at})[0].id)-1, s.request(t, words))
		}
	}
	return s.ask(s.request(t, words))
}

func (s *play) groupOf(queue string) node.GroupID {
	return node.GroupOf(s.names[queue], s.plan.cluster.groups)
}

// nodes are the processes that words name.
func (s *play) nodes(t *testing.T, words []string) (all []*process) {
	for _, w := range words {
		queue, leader := strings.CutPrefix(w, "leader:")
		switch {
		case w == "all":
			all = append(all, s.processes...)
		case leader:
			all = append(all, s.processes[s.lastLeader[s.groupOf(queue)]-1])
		default:
			all = append(all, s.processes[mustNumber(t, strings.TrimPrefix(w, "n"))-1])
		}
	}
	return all
}

// change has the operator change who the nodes are, and waits for it.
func (s *play) change(t *testing.T, verb string, id node.NodeID) {
	t.Helper()
	what := task{add: id}
	if verb == "remove" {
		what = task{remove: id}
	}
	s.operator.do(what)
	if !s.operator.busy || !s.until(s.now+catchingUp, s.operator.settled) {
		t.Fatalf("%s n%d: not done", verb, id)
	}
}

// partition cuts nodes off from the others.
func (s *play) partition(some []*process) {
	inside := func(i int) bool { return slices.Contains(some, s.processes[i]) }
	s.network.cut(func(from, to int) bool { return inside(from) != inside(to) })
}

// answers shows what was asked without waiting and has been answered since, in the order of asking.
func (s *play) answers() string {
	var all []string
	for _, op := range s.asked {
		out := "waiting"
		if op.ended {
			out = cmp.Or(s.show(op), "ok")
		}
		all = append(all, out)
	}
	s.asked = slices.DeleteFunc(s.asked, func(op *operation) bool { return op.ended })
	return strings.Join(all, "\n")
}

// show is what a call printed, and remembers the handles that it brought.
func (s *play) show(op *operation) string {
	switch {
	case op.Unknown:
		return "unknown"
	case op.Err != nil:
		return op.Err.Code.Query()
	}
	switch r := op.Response.(type) {
	case *wire.ReceiveMessageResponse:
		queue := queueOf(op.Request)
		bodies := []string{}
		for _, m := range r.Messages {
			s.handles[queue+" "+m.Body] = m.ReceiptHandle
			bodies = append(bodies, m.Body+"#"+attribute(m.Attributes, "ApproximateReceiveCount"))
		}
		return cmp.Or(strings.Join(bodies, " "), "nothing")
	case *wire.GetQueueAttributesResponse:
		return fmt.Sprintf("visible %s, in flight %s, delayed %s", attribute(r.Attributes, wire.AttrMessages),
			attribute(r.Attributes, wire.AttrMessagesNotVisible), attribute(r.Attributes, wire.AttrMessagesDelayed))
	}
	return ""
}
