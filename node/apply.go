package node

import (
	"fmt"
	"slices"

	"go.etcd.io/raft/v3/raftpb"

	"sqsd/node/disk"
	"sqsd/node/queue"
	"sqsd/wire"
)

// apply applies committed entries and answers the calls that they decide.
func (r *Replica) apply(entries []*raftpb.Entry) {
	for _, e := range entries {
		if err := r.applyEntry(e); err != nil {
			r.fail(fmt.Errorf("apply entry %d: %w", e.GetIndex(), err))
			return
		}
		r.check.count(e)
		if r.state.written.Len() >= r.cfg.StateBatchKeys && !r.saveState() {
			return
		}
	}
	if !r.saveState() {
		return
	}
	if !r.lead.ready && r.lead.leading && r.applied.term == r.lead.term {
		r.becomeReady()
	}
	r.runReads()
	if r.lead.ready {
		r.wakePolls()
		r.carryMoves()
	} else {
		r.machine.Changed(func(queue.ID) {})
	}
}

// saveState writes what the entries since the last time have changed. It returns false if that failed.
func (r *Replica) saveState() bool {
	r.machine.Flush()
	if !r.sound() {
		return false
	}
	if err := r.state.commit(r.applied); err != nil {
		r.fail(fmt.Errorf("write the state: %w", err))
		return false
	}
	return true
}

// sound says that the queue machine has read everything that it wanted. If it has not, the replica stops, and what the
// machine said last is not to be used.
func (r *Replica) sound() bool {
	err := r.machine.Err()
	if err != nil {
		r.fail(err)
	}
	return err == nil
}

// applyEntry applies one entry's commands in order.
func (r *Replica) applyEntry(e *raftpb.Entry) error {
	if e.GetIndex() != r.applied.index+1 {
		panic(fmt.Sprintf("entry %d to be applied behind entry %d", e.GetIndex(), r.applied.index))
	}
	r.applied.index, r.applied.term = e.GetIndex(), e.GetTerm()
	switch {
	case e.GetType() == raftpb.EntryConfChangeV2:
		r.decide(e.GetTerm(), nil)
		return r.applyChange(e)
	case e.GetType() != raftpb.EntryNormal:
		return fmt.Errorf("%w: entry of type %v", disk.ErrCorrupt, e.GetType())
	case len(e.GetData()) == 0:
		r.decide(e.GetTerm(), nil)
		return nil
	}
	body := reader{buf: e.GetData(), newest: r.cfg.Format}
	header, err := readEntryHeader(&body)
	if err == nil {
		err = r.takeFormat(&header)
	}
	if err != nil {
		return corrupt(err)
	}
	requests := r.decide(e.GetTerm(), &header)
	r.machine.Begin(header.stamp)
	if err := r.machine.Err(); err != nil {
		return err
	}
	if r.machine.Now() < header.stamp.Time {
		// More was due than one entry makes happen. Commands never run at a time that lags behind their stamp, or a
		// timeout that begins now would seem to have begun long ago: they are passed over, and proposed again.
		r.env.Host.Mark("entry passed over, too much was due")
		if r.env.Observer != nil { // what was due until now has happened, as in a tick
			at := Position{Group: r.cfg.Group, Index: e.GetIndex(), Time: r.machine.Now()}
			r.env.Observer.Applied(at, &queue.TickCommand{}, queue.Result{Response: wire.Empty{}})
		}
		r.again(requests)
		return nil
	}
	at := Position{
		Group: r.cfg.Group, Index: e.GetIndex(), Time: r.machine.Now(), Proposer: header.proposer, Boot: header.boot,
	}
	for i := range header.count {
		cmd, err := queue.DecodeCommand(body.bytes())
		if err != nil {
			return fmt.Errorf("%w: command %d: %w", disk.ErrCorrupt, i, err)
		}
		at.Sub, at.Seq = uint32(i), header.seq+uint64(i)
		wanted := requests != nil
		res := r.machine.Apply(cmd, wanted || r.env.Observer != nil)
		if err := r.machine.Err(); err != nil {
			return err
		}
		if r.env.Observer != nil {
			r.env.Observer.Applied(at, cmd, res)
		}
		if wanted {
			r.answer(requests[i], Result{Response: res.Response, Err: res.Err, At: at})
		}
	}
	if slices.ContainsFunc(requests, (*request).ticks) {
		r.runTimed()
	}
	return body.end("entry")
}

// again takes requests back to the line whose commands were passed over.
func (r *Replica) again(requests []*request) {
	for _, q := range requests {
		r.unclaim(q)
		switch {
		case !r.lead.ready:
			r.reject(q)
		case q.ticks():
			r.tick()
		default:
			r.serve(q)
		}
	}
}

// answer ends a request whose command has been applied.
func (r *Replica) answer(q *request, res Result) {
	if q.isReceive() {
		r.received(q, res)
	} else {
		r.finish(q, res)
	}
}
