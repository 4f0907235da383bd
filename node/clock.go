package node

import (
	"encoding/binary"
	"slices"
	"time"

	"sqsd/wire"
)

const (
	// pingTicks is how often a node asks its peers for their clocks.
	pingTicks = 5
	// freshTicks is how long an answer counts.
	freshTicks = 50
	// lazyTick is how long time-driven changes that nobody waits for may stay undone.
	lazyTick = time.Second
)

// replicaClock drives what happens by time: raft's ticks, and the time that a leader stamps on entries.
//
// A leader's time follows the monotonic clock from the wall clock's reading at the last tick before its leadership at which
// that was not known to be wrong. It follows the wall clock's corrections as long as they are small; a wall clock that jumps
// by more than Config.MaxSkew, or that is known to be wrong by more, is not followed. A node whose wall clock is further
// than MaxSkew from the median of a majority's clocks does not lead.
type replicaClock struct {
	ticks    uint64
	nextTick time.Duration

	base wire.Time     // the leader's time
	at   time.Duration // at this reading of the monotonic clock

	// wall and wallAt are the readings at the last tick; a wall clock that moves otherwise than the monotonic clock in
	// between has been set.
	wall   wire.Time
	wallAt time.Duration
	// good and goodAt are the readings at the last tick at which the clock was not wrong.
	good   wire.Time
	goodAt time.Duration
	// wrong says that the clock was found further than MaxSkew from the others' at the last tick.
	wrong bool
	// unsure says that the wall clock was set while this node did not lead: it must not lead until its clock is known to be
	// right.
	unsure bool
	peers  map[NodeID]peerClock
}

// peerClock is what was measured of a peer's clock.
type peerClock struct {
	// offset is that of its wall clock from this node's monotonic clock: what this node's wall clock does meanwhile, as to
	// stand still, does not change it.
	offset time.Duration
	at     time.Duration // on the monotonic clock
}

func (r *Replica) startClock() {
	c := &r.clock
	c.peers = map[NodeID]peerClock{}
	c.wall, c.wallAt = r.env.Clock.Now(), r.elapsed()
	c.good, c.goodAt = c.wall, c.wallAt
	c.nextTick = c.wallAt
	r.env.Clock.WakeAt(c.nextTick)
}

// lead starts the time of a leadership from the wall clock as it was when it was last judged to be good: it may have been
// set since, also while the election was under way.
func (c *replicaClock) lead() { c.base, c.at = c.good, c.goodAt }

// now is the leader's time, for the stamp of the next entry.
func (r *Replica) now() wire.Time {
	c := &r.clock
	elapsed, wall := r.elapsed(), r.env.Clock.Now()
	t := c.base + wire.Time((elapsed-c.at)/time.Millisecond)
	if d := time.Duration(wall-t) * time.Millisecond; d.Abs() <= r.cfg.MaxSkew && !c.wrong {
		t = wall
		c.base, c.at = wall, elapsed
	}
	return max(t, r.machine.Now())
}

// runClock does what is due by time.
func (r *Replica) runClock() {
	r.expirePolls()
	c := &r.clock
	now := r.elapsed()
	if now >= c.nextTick {
		// After a pause one tick stands for all that were missed, so that the pause does not count as a silent leader.
		c.nextTick = now + r.cfg.Tick
		c.ticks++
		r.watchWall()
		if c.wrong = !c.mayLead(r); !c.wrong {
			c.good, c.goodAt = c.wall, c.wallAt
		}
		r.onTick()
	}
	r.tickIfDue()
}

func (r *Replica) onTick() {
	if r.clock.ticks%pingTicks == 1 {
		r.pingPeers()
	}
	switch {
	case r.lead.leading && r.clock.wrong:
		// Without beats from here the others elect a new leader, should the hand-over fail.
		r.env.Host.Mark("leader steps aside because of its clock")
		r.stepAside()
	case r.lead.leading || r.clock.mayCampaign(r) && !r.departure.leaving:
		r.raft.Tick()
	}
	r.depart()
	r.raiseFormat()
	r.expireCalls()
	r.retryParked()
	r.resendSnapshots()
	r.promoteLearners()
	r.carryMoves()
	r.spreadLeaders()
}

// tickIfDue lets time-driven changes happen: at once if somebody may wait for them, else lazily.
func (r *Replica) tickIfDue() {
	if due, ok := r.nextDue(); ok && due <= r.now() {
		r.tick()
	}
}

// nextDue is the time at which the leader lets the group's time move if no command does.
func (r *Replica) nextDue() (wire.Time, bool) {
	due, ok := r.machine.NextDue()
	if !ok || !r.lead.ready {
		return 0, false
	}
	if r.polls.count == 0 {
		due += wire.Time(lazyTick / time.Millisecond)
	}
	if urgent, ok := r.machine.NextUrgent(); ok {
		due = min(due, urgent)
	}
	return due, true
}

// nextWake is when the replica next has something to do by time.
func (r *Replica) nextWake() time.Duration {
	wake := r.clock.nextTick
	if len(r.polls.ends) > 0 {
		wake = min(wake, r.polls.ends[0].pollEnd)
	}
	if due, ok := r.nextDue(); ok && !r.prop.ticking {
		wake = min(wake, r.elapsed()+time.Duration(max(0, due-r.now()))*time.Millisecond)
	}
	return wake
}

// watchWall notices that the own clock has been set. What was measured of the peers' clocks counts on.
func (r *Replica) watchWall() {
	c := &r.clock
	wall, at := r.env.Clock.Now(), r.elapsed()
	moved := time.Duration(wall-c.wall)*time.Millisecond - (at - c.wallAt)
	c.wall, c.wallAt = wall, at
	if moved.Abs() > r.cfg.MaxSkew/2 {
		r.env.Host.Mark("wall clock set")
		r.env.Host.Logf(r.cfg.Group, "the wall clock was set by %v", moved)
		c.unsure = c.unsure || !r.lead.leading
		r.pingPeers()
	}
}

// pingPeers asks the voters for their clocks.
func (r *Replica) pingPeers() {
	for _, p := range r.members.voters {
		if p != r.cfg.Node {
			r.ping(p)
		}
	}
}

func (r *Replica) ping(peer NodeID) {
	r.send(peer, r.appendIntroduction(binary.AppendVarint(startFrame(framePing, 30), int64(r.elapsed()))))
}

// receiveClock answers a ping or takes the measurement of a pong. Both introduce their sender.
func (r *Replica) receiveClock(kind frameKind, from NodeID, body reader) error {
	sent := time.Duration(body.varint())
	var theirs wire.Time
	if kind == framePong {
		theirs = wire.Time(body.varint())
	}
	life, opened := body.uvarint(), readStanding(&body)
	if err := body.end("ping"); err != nil {
		return err
	}
	r.introduced(from, life, opened)
	if kind == framePing {
		pong := binary.AppendVarint(startFrame(framePong, 40), int64(sent))
		r.send(from, r.appendIntroduction(binary.AppendVarint(pong, int64(r.env.Clock.Now()))))
		return nil
	}
	trip := r.elapsed() - sent
	if trip < 0 || trip > r.cfg.MaxSkew {
		return nil // too slow to say anything, or from an earlier life
	}
	offset := time.Duration(theirs)*time.Millisecond + trip/2 - r.elapsed()
	r.clock.peers[from] = peerClock{offset: offset, at: r.elapsed()}
	return nil
}

// offsets returns the fresh measurements of the voters' clocks, this node's own zero among them if it is one, in rising
// order.
func (c *replicaClock) offsets(r *Replica) []time.Duration {
	var offsets []time.Duration
	for _, id := range r.members.voters {
		p, known := c.peers[id]
		switch {
		case id == r.cfg.Node:
			offsets = append(offsets, 0)
		case known && r.elapsed()-p.at <= freshTicks*r.cfg.Tick:
			offsets = append(offsets, r.ahead(p))
		}
	}
	slices.Sort(offsets)
	return offsets
}

// ahead is how far this node's clock is ahead of the median of the known clocks. With an even number the median nearer
// to this clock counts.
func (c *replicaClock) ahead(r *Replica) (ahead time.Duration, majority bool) {
	offsets := c.offsets(r)
	n := len(offsets)
	if n == 0 {
		return 0, false
	}
	low, high := -offsets[n/2], -offsets[(n-1)/2]
	ahead = low
	if high.Abs() < low.Abs() {
		ahead = high
	}
	return ahead, n > len(r.members.voters)/2
}

// mayLead says that this node's clock is not known to be wrong.
func (c *replicaClock) mayLead(r *Replica) bool {
	if c.unsure {
		c.unsure = !c.mayCampaign(r)
		return !c.unsure
	}
	ahead, majority := c.ahead(r)
	return !majority || ahead.Abs() <= r.cfg.MaxSkew
}

// mayCampaign says that this node's clock is known to be right: a majority of clocks was read and the median is near.
func (c *replicaClock) mayCampaign(r *Replica) bool {
	ahead, majority := c.ahead(r)
	return majority && ahead.Abs() <= r.cfg.MaxSkew
}

// near says whether a peer's clock was last measured within Config.MaxSkew of the median of the known clocks.
func (r *Replica) near(p NodeID) bool {
	clock, known := r.clock.peers[p]
	if !known {
		return false
	}
	ahead, _ := r.clock.ahead(r)
	return (r.ahead(clock) + ahead).Abs() <= r.cfg.MaxSkew
}

// ahead is how far a peer's wall clock, if it went on as it was measured, is ahead of this node's now.
func (r *Replica) ahead(peer peerClock) time.Duration {
	return peer.offset + r.elapsed() - time.Duration(r.env.Clock.Now())*time.Millisecond
}
