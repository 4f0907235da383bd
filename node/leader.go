package node

import (
	"fmt"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/tracker"

	"sqsd/node/queue"
)

// leadership is what the replica knows of its group's leader.
type leadership struct {
	term    uint64
	leader  NodeID // 0 if unknown
	leading bool   // this replica is raft's leader of the term
	// ready says that this replica leads and has applied an entry of its own term, so that its state holds everything
	// that earlier leaders acknowledged. Only then it serves requests.
	ready bool
	// since is when, on the monotonic clock, this was seen first, or the preferred node was asked last to lead.
	since  time.Duration
	first  uint64 // index of the first entry of the term; set at the leader only
	offers int    // how often the leader has asked the preferred node to lead
}

// observeLeader notices changes of term and leader.
func (r *Replica) observeLeader() {
	s := r.raft.BasicStatus()
	l := leadership{
		term: s.HardState.GetTerm(), leader: NodeID(s.Lead), leading: s.RaftState == raft.StateLeader,
		since: r.elapsed(),
	}
	old := r.lead
	if l.term == old.term && l.leader == old.leader && l.leading == old.leading {
		return
	}
	if l.leader != old.leader && l.leader != 0 {
		r.env.Host.Logf(r.cfg.Group, "node %d leads term %d", l.leader, l.term)
	}
	r.lead = l
	if old.leading {
		r.loseLeadership()
	}
	if l.leading {
		r.lead.first = r.firstOfTerm()
		r.takeLeadership()
	}
	r.hurryForwarded(old.term)
	if l.leader != 0 {
		r.retryParked()
	}
}

// loseLeadership gives back everything that was not proposed. What was proposed is decided by the log.
func (r *Replica) loseLeadership() {
	r.env.Host.Mark("leader deposed")
	for _, p := range r.prop.undecided {
		for _, q := range p.requests {
			q.claim = 0
		}
	}
	r.snaps.dropMade()
	r.stopMoves()
	r.loseChange()
	waiting := r.prop.takeWaiting()
	waiting = append(waiting, r.reads.takeAll()...)
	waiting = append(waiting, r.polls.takeAll()...)
	for _, q := range waiting {
		q.claim = 0
		r.reject(q)
	}
}

func (r *Replica) takeLeadership() {
	r.relay.sessions, r.relay.term = map[session]*seenCalls{}, r.lead.term
	r.formats = formatTable{said: map[NodeID]statement{}}
	clear(r.snaps.fed)
	r.clock.lead()
}

// becomeReady begins to serve: an entry of the own term has been applied.
func (r *Replica) becomeReady() {
	r.lead.ready = true
	// What became visible while another node led has nobody waiting here.
	r.machine.Changed(func(queue.ID) {})
	r.retryParked()
}

// preferred is the node that should lead the group, so that leaders spread over the nodes.
func (r *Replica) preferred() NodeID {
	return r.members.voters[int(r.cfg.Group)%len(r.members.voters)]
}

// mostOffers is up to which of its offers a leader doubles the time until the next one.
const mostOffers = 3

// spreadLeaders hands leadership to the preferred node once that is up to date. While an offer is open the leader proposes
// nothing: one that is declined, as of a clock that its node does not trust, is made again less and less often.
func (r *Replica) spreadLeaders() {
	pause := 3 * r.electionTimeout() << min(r.lead.offers, mostOffers)
	if !r.lead.ready || r.departure.leaving || r.elapsed()-r.lead.since < pause {
		return
	}
	if to := r.preferred(); to != r.cfg.Node && r.canLead(to) {
		r.env.Host.Mark("leadership handed to the preferred node")
		r.lead.offers++
		r.lead.since = r.elapsed()
		r.raft.TransferLeader(uint64(to))
	}
}

// stepAside hands leadership to the voter that is fit for it and was heard last: one that is down is not missed at once.
func (r *Replica) stepAside() {
	if r.raft.BasicStatus().LeadTransferee != 0 {
		return
	}
	var to NodeID
	for _, p := range r.members.voters {
		if p != r.cfg.Node && r.canLead(p) && (to == 0 || r.relay.heard[p] > r.relay.heard[to]) {
			to = p
		}
	}
	if to != 0 {
		r.raft.TransferLeader(uint64(to))
	}
}

// canLead says whether a voter has caught up and has a clock close to this node's.
func (r *Replica) canLead(p NodeID) bool { return r.caughtUp(p) && r.near(p) }

// caughtUp says whether a member is alive and has nearly the whole log.
func (r *Replica) caughtUp(p NodeID) bool {
	caught := false
	r.raft.WithProgress(func(id uint64, _ raft.ProgressType, pr tracker.Progress) {
		if id == uint64(p) {
			caught = pr.RecentActive && pr.State == tracker.StateReplicate && pr.Match+8 >= r.applied.index
		}
	})
	return caught
}

func (r *Replica) electionTimeout() time.Duration {
	return time.Duration(r.cfg.ElectionTicks) * r.cfg.Tick
}

// Status describes a replica for health checks and metrics.
type Status struct {
	Group   GroupID
	Term    uint64
	Leader  NodeID // 0 if unknown
	Leading bool   // this replica leads and serves
	Applied uint64
	Format  Format // that the group has been raised to
	Polls   int    // receives in line
	// Forwarded counts the calls whose answer another replica may still send.
	Forwarded int
	// Skew is this node's clock offset from the median of the cluster's clocks; positive if ahead.
	Skew   time.Duration
	Failed error
	// Members are those at Applied; none while the node waits to join.
	Members Members
	// Removed says that this node is known to have been removed: its replica has nothing more to do.
	Removed bool
}

// Status reports the replica's state. It may be called between Advances.
func (r *Replica) Status() Status {
	ahead, _ := r.clock.ahead(r)
	return Status{
		Group: r.cfg.Group, Term: r.lead.term, Leader: r.lead.leader, Leading: r.lead.ready, Applied: r.applied.index,
		Format: r.applied.format,
		Polls:  r.polls.count, Forwarded: len(r.relay.sent), Skew: ahead, Failed: r.failed,
		Members: Members{Voters: r.members.voters, Learners: r.members.learners}, Removed: r.isRemoved(),
	}
}

// StateHash digests the queue state on disk: replicas of a group that have applied the same entries have the same.
func (r *Replica) StateHash() (uint64, error) { return r.state.hash() }

// Check compares the state in memory with the one on disk.
func (r *Replica) Check() error { return r.machine.Check() }

// CheckPolls says whether a receive stands in line that could be given messages, and in which queue. It may be called between
// Advances.
func (r *Replica) CheckPolls() (queue string, visible int) {
	for id, l := range r.polls.lines { // order: of several, the first by name
		n := r.machine.Visible(id) - l.claimed
		if n <= 0 || len(l.waiters) == 0 {
			continue
		}
		if name, _ := queueName(l.waiters[0].req); visible == 0 || name < queue {
			queue, visible = name, n
		}
	}
	return queue, visible
}

// raftLogger passes on what raft has to say about trouble. Raft panics on broken invariants.
type raftLogger struct{ r *Replica }

func (l raftLogger) Debug(...any)                   {}
func (l raftLogger) Debugf(string, ...any)          {}
func (l raftLogger) Info(...any)                    {}
func (l raftLogger) Infof(string, ...any)           {}
func (l raftLogger) Warning(...any)                 {}
func (l raftLogger) Warningf(string, ...any)        {}
func (l raftLogger) Error(v ...any)                 { l.Errorf("%s", fmt.Sprint(v...)) }
func (l raftLogger) Errorf(format string, v ...any) { l.r.env.Host.Logf(l.r.cfg.Group, format, v...) }
func (l raftLogger) Fatal(v ...any)                 { panic(fmt.Sprint(v...)) }
func (l raftLogger) Fatalf(format string, v ...any) { panic(fmt.Sprintf(format, v...)) }
func (l raftLogger) Panic(v ...any)                 { panic(fmt.Sprint(v...)) }
func (l raftLogger) Panicf(format string, v ...any) { panic(fmt.Sprintf(format, v...)) }
