package sim

import (
	"errors"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
)

// operator changes who the cluster's nodes are, one change after another: in every group it asks for the change until it is
// told that it has been made, whoever leads and whatever else goes wrong.
type operator struct {
	world   *World
	random  random
	tasks   []task        // that wait
	members []node.NodeID // when the change under way is complete
	steps   []memberStep  // that are left of it
	leaving *process      // whom it stops in the end; nil if nobody
	busy    bool
	leaders []node.NodeID // by group: whom to ask next; 0 for anybody
	attempt int           // number of the latest question
}

// task is a change of the cluster. Either node may be 0.
type task struct {
	add, remove node.NodeID
	lost        bool        // the node to remove is lost before
	fault       *FaultEvent // that happens with it; nil if none does
}

// memberStep is a change of one group.
type memberStep struct {
	group  node.GroupID
	change node.MemberChange
}

func newOperator(w *World) *operator {
	o := &operator{
		world: w, random: newRandom(w.plan.environment(), "operator"), leaders: make([]node.NodeID, w.plan.cluster.groups),
	}
	for i := range w.plan.cluster.nodes {
		o.members = append(o.members, node.NodeID(i+1))
	}
	return o
}

// fewest is how many voters a cluster keeps.
func (o *operator) fewest() int { return min(3, o.world.plan.cluster.nodes) }

// spare is a node that can be added and that no task is about, 0 if there is none.
func (o *operator) spare() node.NodeID {
	for _, p := range o.world.processes {
		if !p.joined && !slices.ContainsFunc(o.tasks, func(t task) bool { return t.add == p.id }) {
			return p.id
		}
	}
	return 0
}

// do takes a task in.
func (o *operator) do(t task) {
	o.tasks = append(o.tasks, t)
	if !o.busy {
		o.next()
	}
}

// next begins the next task that is possible.
func (o *operator) next() {
	w := o.world
	o.busy = false
	for len(o.tasks) > 0 && !o.busy {
		t := o.tasks[0]
		o.tasks = o.tasks[1:]
		o.busy = o.possible(t)
		if o.busy {
			o.begin(t)
		} else {
			w.mark("operator: change not possible")
		}
	}
}

func (o *operator) possible(t task) bool {
	left := len(o.members)
	if t.add != 0 {
		if o.world.processes[t.add-1].joined {
			return false
		}
		left++
	}
	if t.remove != 0 {
		if !slices.Contains(o.members, t.remove) || t.lost && len(o.members) < 3 || !o.world.formed() {
			return false
		}
		left--
	}
	return left >= o.fewest()
}

func (o *operator) begin(t task) {
	w := o.world
	if t.fault != nil {
		w.faults.happens(*t.fault)
	}
	o.leaving = nil
	if t.remove != 0 {
		o.leaving = w.processes[t.remove-1]
		if t.lost {
			o.leaving.retire("lost for ever")
		}
	}
	if t.add != 0 {
		p := w.processes[t.add-1]
		p.joined = true
		p.start()
		o.members = append(o.members, t.add)
		o.plan(node.AddMember, t.add)
	}
	if t.remove != 0 {
		o.members = slices.DeleteFunc(o.members, func(id node.NodeID) bool { return id == t.remove })
		o.plan(node.RemoveMember, t.remove)
	}
	o.try()
}

// plan adds a change of every group to the steps.
func (o *operator) plan(kind node.MemberChangeKind, id node.NodeID) {
	for g := range o.world.plan.cluster.groups {
		o.steps = append(o.steps, memberStep{node.GroupID(g), node.MemberChange{Kind: kind, Node: id}})
	}
}

// operatorPatience is how long the operator waits for an answer.
const operatorPatience = 3 * time.Second

// try asks for the next step's change.
func (o *operator) try() {
	w := o.world
	o.attempt++
	if len(o.steps) == 0 {
		o.complete()
		return
	}
	s, attempt := o.steps[0], o.attempt
	if s.change.Kind == node.AddMember && o.votes(s) {
		o.done()
		return
	}
	answered := func(err error) {
		if o.attempt == attempt {
			o.answered(s, err)
		}
	}
	p := o.whom(s.group)
	w.after(o.hop(), func() {
		if !p.alive {
			answered(errNodeDown)
			return
		}
		boot := p.boot
		p.event(int(s.group), func() {
			if p.boot == boot {
				p.members[s.group].replica.ChangeMembers(s.change, func(err error) {
					w.after(o.hop(), func() { answered(err) })
				})
			}
		})
	})
	w.after(operatorPatience, func() { answered(errNoAnswer) })
}

var (
	errNodeDown = errors.New("the node is down")
	errNoAnswer = errors.New("the node does not answer")
)

func (o *operator) hop() time.Duration {
	return 50*time.Microsecond + o.random.spread(time.Millisecond)
}

// whom chooses a node to ask for a change of a group.
func (o *operator) whom(group node.GroupID) *process {
	if id := o.leaders[group]; id != 0 {
		return o.world.processes[id-1]
	}
	return oneOf(o.random, o.world.cluster()...)
}

// votes says whether a leader has the node of a step as a voter.
func (o *operator) votes(s memberStep) bool {
	return slices.ContainsFunc(o.world.cluster(), func(p *process) bool {
		if !p.alive {
			return false
		}
		status := p.members[s.group].replica.Status()
		return status.Leading && slices.Contains(status.Members.Voters, s.change.Node)
	})
}

func (o *operator) answered(s memberStep, err error) {
	w := o.world
	o.attempt++ // no other answer counts
	if w.trace.writing() {
		w.trace.printf(0, "the operator asks group %d for change %d of node %d: %v", s.group, s.change.Kind, s.change.Node, err)
	}
	var other node.NotLeaderError
	o.leaders[s.group] = 0
	switch {
	case s.change.Kind == node.RemoveMember && (err == nil || errors.Is(err, node.ErrWasRemoved)):
		o.done()
		return
	case s.change.Kind == node.AddMember && errors.Is(err, node.ErrWasRemoved):
		w.violate(model.NothingSilent, "", "group %d says that node %d was removed before it was added", s.group, s.change.Node)
	case errors.As(err, &other):
		o.leaders[s.group] = other.Leader
	}
	w.after(o.random.duration(20*time.Millisecond, 300*time.Millisecond), o.try)
}

// done ends a step.
func (o *operator) done() {
	o.steps = o.steps[1:]
	o.try()
}

// complete ends a task. A node that was removed goes on for a while before it is stopped.
func (o *operator) complete() {
	w := o.world
	if o.leaving == nil {
		o.next()
		return
	}
	w.after(o.random.duration(0, time.Second), func() {
		o.leaving.retire("removed from the cluster")
		o.next()
	})
}

// settled says that no change is under way.
func (o *operator) settled() bool { return !o.busy }

// finish waits until the change under way is complete; those that wait are not begun.
func (o *operator) finish() {
	w := o.world
	o.tasks = nil
	within := recovery + time.Duration(len(o.steps))*catchingUp
	if !w.until(w.now+within, o.settled) {
		s := o.steps[0]
		w.violate(model.Live, "", "a change of the members of group %d, node %d, is not made %v after everything healed", s.group,
			s.change.Node, within)
	}
}
