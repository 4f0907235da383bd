package node

import (
	"time"

	"sqsd/node/queue"
)

// courier carries messages that move to queues of other groups: at the leader of the group that they leave. It asks the
// other group to accept the oldest ones and then has them settled, one batch at a time for each group. Every step may
// be repeated, so a leader that takes over begins again with what is not settled.
type courier struct {
	rounds map[uint32]*round // under way, by group
}

// round is one batch on its way to a group.
type round struct {
	asking *request
	until  time.Duration // then the answer is given up
}

func (c *courier) init() { c.rounds = map[uint32]*round{} }

// stopMoves forgets what is under way.
func (r *Replica) stopMoves() {
	for _, under := range r.courier.rounds { // order: all are forgotten
		r.asks.forget(under.asking)
	}
	r.courier.init()
}

// carryMoves begins a round for every group that messages wait for and that has none.
func (r *Replica) carryMoves() {
	if !r.lead.ready {
		return
	}
	for _, to := range r.machine.Handovers() {
		under := r.courier.rounds[to]
		if under != nil && r.elapsed() < under.until {
			continue
		}
		r.endRound(to, under)
		if cmd := r.machine.Handover(to, r.cfg.MaxEntryBytes); cmd != nil && r.sound() {
			r.beginRound(to, cmd)
		}
	}
}

func (r *Replica) beginRound(to uint32, cmd *queue.AcceptCommand) {
	r.env.Host.Mark("moves handed over to another group")
	under := &round{asking: &request{req: cmd, pollIndex: -1}, until: r.elapsed() + 2*r.cfg.CallTimeout}
	r.courier.rounds[to] = under
	r.ask(under.asking, GroupID(to), cmd, func(res Result) {
		accepted, ok := res.Response.(*queue.AcceptResponse)
		if !ok {
			r.env.Host.Mark("moves not handed over, tried again")
			r.endRound(to, under)
			return
		}
		settle := &queue.SettleCommand{To: to, First: accepted.First, Outcomes: accepted.Outcomes}
		r.start(&Call{Request: settle, Done: func(Result) {
			r.endRound(to, under)
			r.carryMoves()
		}})
	})
}

// endRound forgets a round, unless another one has taken its place.
func (r *Replica) endRound(to uint32, under *round) {
	if under != nil && r.courier.rounds[to] == under {
		r.asks.forget(under.asking)
		delete(r.courier.rounds, to)
	}
}
