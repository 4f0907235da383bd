package sim

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/queue"
	"sqsd/wire"
)

// observer keeps the canonical log of every group: what the first replica to apply a command made of it. All other
// replicas, and the same replica after a restart, must apply the same commands with the same results, leaving out
// nothing but what a snapshot brought.
type observer struct {
	world   *World
	groups  [][]model.Commit
	all     []model.Commit           // of all groups, in the order in which they were first applied
	origins map[origin]model.Witness // where each proposed command was applied
	terms   map[term]node.NodeID     // who was seen leading
	// elections are the times at which a leader of a new term was first seen.
	elections []time.Duration
	// restored is by group the latest snapshot that a node has made its state.
	restored []restored
}

// restored is a snapshot that was installed.
type restored struct {
	at    time.Duration
	index uint64
}

// origin identifies a proposed command.
type origin struct {
	group          node.GroupID
	proposer       node.NodeID
	boot, sequence uint64
}

// term is a raft term of a group.
type term struct {
	group  int
	number uint64
}

func newObserver(w *World) *observer {
	return &observer{
		world: w, groups: make([][]model.Commit, w.plan.cluster.groups),
		origins: map[origin]model.Witness{}, terms: map[term]node.NodeID{},
		restored: make([]restored, w.plan.cluster.groups),
	}
}

// witness observes one replica of one boot of a node.
type witness struct {
	world   *World
	process *process
	started bool
	next    int  // place in the canonical log of the command that must come next
	astray  bool // its own ticks are not those of the others: places no longer compare
}

// Applied implements node.Observer.
func (o *witness) Applied(at node.Position, cmd wire.Request, result queue.Result) {
	w := o.world
	commit := model.Commit{At: witnessOf(at), Request: command(cmd), Response: response(result.Response), Err: result.Err}
	w.trace.hash(kindApply, uint64(o.process.id), at.Index<<20|uint64(at.Sub)<<4|uint64(at.Group))
	if w.trace.writing() {
		o.process.printf("applies %d/%d.%d at %d: %s", at.Group, at.Index, at.Sub, at.Time,
			describe(commit.Request, commit.Response, commit.Err))
	}
	w.record(Event{Kind: EventApply, Node: o.process.id, Group: at.Group, Number: at.Index, Sub: at.Sub})
	if o.astray {
		return
	}
	log := w.observer.groups[at.Group]
	if !o.started {
		o.started = true
		o.next, _ = slices.BinarySearchFunc(log, commit.At, func(c model.Commit, at model.Witness) int {
			return comparePlaces(c.At, at)
		})
	}
	switch {
	case o.next == len(log):
		w.observer.extend(commit)
	case comparePlaces(log[o.next].At, commit.At) != 0:
		missed := log[o.next]
		w.violate(model.Durable, queueOf(missed.Request), "node %d applies %s at %d.%d of group %d and leaves out what was committed at "+
			"%d.%d: %s", o.process.id, cmd.Action(), at.Index, at.Sub, at.Group, missed.At.Index, missed.At.Sub,
			describe(missed.Request, missed.Response, missed.Err))
	case log[o.next].At.Proposer != commit.At.Proposer && (log[o.next].At.Proposer == 0 || commit.At.Proposer == 0):
		o.astray = true
		w.differ(model.Linearizable, queueOf(commit.Request), "replicas diverge: time stops within entry %d of group %d for one, and not for "+
			"the other: node %d applies %s of %v, the first was %s of %v", at.Index, at.Group, o.process.id, cmd.Action(), commit.At,
			log[o.next].Request.Action(), log[o.next].At)
	default:
		w.observer.compare(o.process.id, log[o.next], commit)
	}
	o.next++
}

// Restored implements node.Observer.
func (o *witness) Restored(group node.GroupID, index uint64) {
	o.world.trace.hash(kindRestore, uint64(o.process.id), index)
	o.process.printf("group %d: state is replaced by a snapshot at %d", group, index)
	o.process.restored[group] = true
	o.world.observer.restored[group] = restored{o.world.now, index}
	o.world.record(Event{Kind: EventRestore, Node: o.process.id, Group: group, Number: index})
	o.started, o.astray = true, false
	o.next, _ = slices.BinarySearchFunc(o.world.observer.groups[group], index+1, func(c model.Commit, index uint64) int {
		return cmp.Compare(c.At.Index, index)
	})
}

// extend appends a command that no replica has applied before.
func (o *observer) extend(c model.Commit) {
	w, group := o.world, c.At.Group
	log := o.groups[group]
	if n := len(log); n > 0 {
		last := log[n-1].At
		if comparePlaces(last, c.At) >= 0 {
			w.violate(model.Durable, queueOf(c.Request), "%s is applied at %d.%d of group %d, behind %d.%d which is gone",
				c.Request.Action(), c.At.Index, c.At.Sub, group, last.Index, last.Sub)
		}
		if c.At.Time < last.Time {
			w.violate(model.ReplicatedNow, queueOf(c.Request), "replicated time of group %d goes back from %d to %d at %d.%d", group,
				last.Time, c.At.Time, c.At.Index, c.At.Sub)
		}
	}
	if c.At.Proposer != 0 {
		id := origin{node.GroupID(group), node.NodeID(c.At.Proposer), c.At.Boot, c.At.Seq}
		if first, twice := o.origins[id]; twice {
			w.violate(model.OneEffect, queueOf(c.Request), "one proposal of %s is applied twice, at %d.%d and %d.%d of group %d",
				c.Request.Action(), first.Index, first.Sub, c.At.Index, c.At.Sub, group)
		}
		o.origins[id] = c.At
	}
	o.groups[group] = append(log, c)
	w.markCommit(&c)
	o.all = append(o.all, c)
}

// compare holds what a replica applied against the canonical log.
func (o *observer) compare(who node.NodeID, want, got model.Commit) {
	w := o.world
	at := got.At
	at.Time = want.At.Time
	if want.At != at || !reflect.DeepEqual(want.Request, got.Request) {
		w.violate(model.Durable, queueOf(got.Request), "node %d applies another command at %d.%d of group %d than was committed:\n"+
			"  committed %v %s\n  applied   %v %s", who, got.At.Index, got.At.Sub, got.At.Group, want.At,
			describe(want.Request, want.Response, want.Err), got.At, describe(got.Request, got.Response, got.Err))
	}
	if want.At.Time != got.At.Time || !reflect.DeepEqual(want.Response, got.Response) || !reflect.DeepEqual(want.Err, got.Err) {
		if w.difference == nil {
			w.divergent = &got
		}
		w.differ(model.Linearizable, queueOf(got.Request), "replicas diverge: node %d gives another result at %d.%d of group %d:\n"+
			"  first at %d: %s\n  now at %d: %s", who, at.Index, at.Sub, at.Group, want.At.Time,
			describe(want.Request, want.Response, want.Err), got.At.Time, describe(got.Request, got.Response, got.Err))
	}
}

// advanced looks at a replica after it has advanced: a term has one leader.
func (o *observer) advanced(p *process, group int) {
	m := &p.members[group]
	status := m.replica.Status()
	o.world.formats.watch(p, group, &status)
	if status.Leading != m.leading {
		m.leading = status.Leading
		kind := EventFollows
		if m.leading {
			kind = EventLeads
		}
		o.world.record(Event{Kind: kind, Node: p.id, Group: node.GroupID(group), Number: status.Term})
	}
	if !status.Leading {
		return
	}
	if queue, n := m.replica.CheckPolls(); n > 0 && status.Failed == nil {
		o.world.violate(model.Prompt, queue, "at node %d a receive waits, although it could have %d messages", p.id, n)
	}
	p.led = o.world.now
	for _, v := range status.Members.Voters {
		if int(v) > o.world.plan.cluster.nodes && !o.world.processes[v-1].restored[group] {
			o.world.violate(model.Live, "", "node %d has a vote in group %d and has not received its state", v, group)
		}
	}
	t := term{group, status.Term}
	leader, known := o.terms[t]
	if !known {
		o.terms[t] = p.id
		o.elections = append(o.elections, o.world.now)
		o.world.lastLeader[group] = p.id
		p.printf("leads group %d in term %d", group, status.Term)
		return
	}
	if leader != p.id {
		o.world.violate(model.Linearizable, "", "nodes %d and %d both lead group %d in term %d", leader, p.id, group, status.Term)
	}
}

// electedSince says whether a leader of a new term was first seen at a true time or later.
func (o *observer) electedSince(at int64) bool {
	n := len(o.elections)
	return n > 0 && int64(o.elections[n-1]) >= at
}

// witnessOf is a place in the log in the words of package model.
func witnessOf(at node.Position) model.Witness {
	return model.Witness{
		Group: uint32(at.Group), Index: at.Index, Sub: at.Sub, Read: at.Read, Time: at.Time,
		Proposer: uint64(at.Proposer), Boot: at.Boot, Seq: at.Seq,
	}
}

// command is a command in the words of package model.
func command(cmd wire.Request) wire.Request {
	switch c := cmd.(type) {
	case *queue.TickCommand:
		return &model.Tick{}
	case *queue.ReleaseCommand:
		return &model.Release{QueueName: c.QueueName, Handles: c.Handles}
	case *queue.AcceptCommand:
		accept := &model.Accept{From: c.From, First: c.First}
		for i := range c.Moves {
			m := &c.Moves[i]
			accept.Moves = append(accept.Moves, model.Move{
				Source: m.Source, Target: m.Target, MessageID: m.MessageID(), Anew: m.Reason == queue.Redrive,
			})
		}
		return accept
	case *queue.SettleCommand:
		return &model.Settle{To: c.To, First: c.First, Accepted: accepted(c.Outcomes)}
	}
	return cmd
}

// response is an answer in the words of package model.
func response(resp wire.Response) wire.Response {
	if r, ok := resp.(*queue.AcceptResponse); ok {
		return &model.Outcomes{First: r.First, Accepted: accepted(r.Outcomes)}
	}
	return resp
}

func accepted(outcomes []queue.Outcome) []bool {
	var list []bool
	for _, o := range outcomes {
		list = append(list, o == queue.Accepted)
	}
	return list
}

func comparePlaces(a, b model.Witness) int {
	return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Sub, b.Sub))
}
