package node

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"sqsd/node/queue"
)

// maxUndecided bounds the entries of this replica that are in the log and not applied. Commands that arrive meanwhile
// share the next entry.
const maxUndecided = 4

// proposer turns waiting commands into log entries and remembers them until the log decides.
type proposer struct {
	waiting   []*request // in order of arrival
	undecided []proposal // in log order
	bytes     int        // of waiting and undecided commands
	seq       uint64     // of the last command proposed
	ticking   bool       // a tick is waiting or undecided
}

// proposal is an entry that this replica proposed.
type proposal struct {
	term     uint64
	seq      uint64 // of the first command
	requests []*request
}

// enqueue puts a command in line for the log.
func (r *Replica) enqueue(q *request) {
	q.size = len(q.raw)
	full := r.prop.bytes > 0 && r.prop.bytes+q.size > r.cfg.MaxPendingBytes
	if full && (q.call != nil || q.from != 0) {
		r.env.Host.Mark("too many pending bytes")
		r.unclaim(q)
		r.finish(q, unavailable("too many requests wait for the log"))
		return
	}
	q.stage = stageWaiting
	r.prop.bytes += q.size
	r.prop.waiting = append(r.prop.waiting, q)
}

// takeWaiting empties the line.
func (p *proposer) takeWaiting() []*request {
	waiting := p.waiting
	p.waiting = nil
	for _, q := range waiting {
		p.settle(q)
	}
	return waiting
}

// tick makes the group's time move without a command of a client.
func (r *Replica) tick() {
	if r.prop.ticking {
		return
	}
	r.prop.ticking = true
	r.enqueue(&request{req: &queue.TickCommand{}, raw: tickCommand, pollIndex: -1})
}

var tickCommand = queue.AppendCommand(nil, &queue.TickCommand{})

// ticks says whether the request's command is the replica's own tick.
func (q *request) ticks() bool {
	_, ok := q.req.(*queue.TickCommand)
	return ok
}

// propose makes one entry of the waiting commands and says whether it did.
func (r *Replica) propose() bool {
	p := &r.prop
	r.dropGone()
	r.serveStale()
	if len(p.waiting)+len(p.undecided) == 0 && (p.bytes != 0 || r.polls.claims != 0) {
		r.fail(fmt.Errorf("broken invariant: %d bytes of commands are pending and %d messages claimed, but there are no commands",
			p.bytes, r.polls.claims))
	}
	if len(p.waiting) == 0 || !r.mayPropose() {
		return false
	}
	n, size := 0, 0
	for n < len(p.waiting) && (n == 0 || size+len(p.waiting[n].raw) <= r.cfg.MaxEntryBytes) {
		size += len(p.waiting[n].raw)
		n++
	}
	if !r.proposeEntry(r.applied.format, p.waiting[:n]) {
		return false
	}
	p.waiting = append([]*request(nil), p.waiting[n:]...)
	return true
}

// mayPropose says whether there is a time to stamp on an entry and room for it.
func (r *Replica) mayPropose() bool {
	return r.lead.ready && len(r.prop.undecided) < maxUndecided && r.clock.mayLead(r)
}

// proposeEntry proposes one entry of some commands and says whether raft took it.
func (r *Replica) proposeEntry(format Format, chosen []*request) bool {
	p := &r.prop
	header := entryHeader{format: format, proposer: r.cfg.Node, boot: r.boot, seq: p.seq + 1, count: len(chosen)}
	header.stamp = queue.Stamp{Time: r.now(), Limits: r.cfg.Limits}
	seed := header.stamp.Seed[:]
	if format >= compactFormat {
		seed = seed[:queue.CompactSeed]
	}
	if _, err := io.ReadFull(r.env.Random, seed); err != nil {
		r.fail(fmt.Errorf("read random bytes: %w", err))
		return false
	}
	size := 128
	for _, q := range chosen {
		size += len(q.raw) + binary.MaxVarintLen32
	}
	data := appendEntryHeader(make([]byte, 0, size), header)
	for _, q := range chosen {
		data = binary.AppendUvarint(data, uint64(len(q.raw)))
		data = append(data, q.raw...)
	}
	if r.raft.Propose(data) != nil {
		// Raft takes no proposals while it hands over leadership or has too much in the log. Nothing was written:
		// the commands stay in line.
		r.env.Host.Mark("proposal refused by raft")
		return false
	}
	for _, q := range chosen {
		q.stage = stageProposed
	}
	p.undecided = append(p.undecided, proposal{r.lead.term, header.seq, chosen})
	p.seq += uint64(max(1, len(chosen))) // an entry is known by its first number, also one without commands
	return true
}

// dropGone takes commands out of the line whose clients have gone: nothing of them was done yet.
func (r *Replica) dropGone() {
	p := &r.prop
	if !slices.ContainsFunc(p.waiting, (*request).isGone) {
		return
	}
	var keep []*request
	for _, q := range p.waiting {
		if !q.gone {
			keep = append(keep, q)
			continue
		}
		p.settle(q)
		r.unclaim(q)
		r.reject(q)
	}
	p.waiting = keep
}

func (q *request) isGone() bool { return q.gone }

// decide takes the requests of an entry that is being applied, or nil if it was not proposed in this life of the
// replica. Everything that this replica proposed before it and that was not applied has lost its place in the log for
// good: it was proposed in an older term, or for an earlier place in this one.
func (r *Replica) decide(term uint64, h *entryHeader) []*request {
	p := &r.prop
	mine := h != nil && h.proposer == r.cfg.Node && h.boot == r.boot
	for len(p.undecided) > 0 {
		first := p.undecided[0]
		if mine && first.term == term && first.seq == h.seq {
			r.prop.takeFirst()
			return first.requests
		}
		if first.term > term || first.term == term && !mine {
			break
		}
		r.env.Host.Mark("proposal lost to another leader")
		r.prop.takeFirst()
		for _, q := range first.requests {
			r.unclaim(q)
			r.reject(q)
		}
	}
	return nil
}

// takeFirst removes the oldest undecided proposal.
func (p *proposer) takeFirst() {
	for _, q := range p.undecided[0].requests {
		p.settle(q)
	}
	p.undecided[0] = proposal{}
	p.undecided = p.undecided[1:]
}

// settle takes a request out of the account.
func (p *proposer) settle(q *request) {
	p.bytes -= q.size
	if q.ticks() {
		p.ticking = false
	}
}

// forget empties the list of undecided requests after a snapshot replaced the state: it may hold their effects, or not.
func (p *proposer) forget() []*request {
	var all []*request
	for len(p.undecided) > 0 {
		all = append(all, p.undecided[0].requests...)
		p.takeFirst()
	}
	return all
}
