package node

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"

	"sqsd/node/disk"
)

// What the log keeps behind a checkpoint is bounded in bytes, as far as its entries are alike.
const (
	keepBytes = 64 << 20
	fedBytes  = 4 << 30 // while a node that was sent a snapshot needs it
)

// checkpointer makes the state durable from time to time, and trims the log behind what is.
type checkpointer struct {
	logBytes int  // weight of the entries applied since the last checkpoint
	entries  int  // their number
	running  bool // a sync of the state store is under way
	members  bool // the membership has changed since the last one
	// changed is the entry of the last change of members, durable one that the state is known to be synced up to.
	changed, durable uint64
}

// weight is about how many bytes an entry takes in the log.
func weight(e *raftpb.Entry) int { return len(e.GetData()) + 32 }

// count adds an entry that was applied.
func (c *checkpointer) count(e *raftpb.Entry) {
	c.logBytes += weight(e)
	c.entries++
}

// resume counts what a log that was just opened holds of entries that were applied already, as far as its entries are alike:
// the log of a node that is started often would grow with each start.
func (c *checkpointer) resume(l *logStore, applied uint64) {
	if all := int(l.last - l.meta.index); all > 0 {
		c.entries = int(applied - l.meta.index)
		c.logBytes = l.loaded / all * c.entries
	}
}

// checkpoint syncs the state store once enough entries have been applied, or one that changed the membership. The log is
// trimmed only behind the entry that the completed sync covers: until then the log is the only durable copy.
func (r *Replica) checkpoint() {
	c := &r.check
	if c.running || c.logBytes < r.cfg.CheckpointBytes && !c.members {
		return
	}
	size := uint64(c.logBytes / c.entries)
	keep, most := min(r.cfg.KeepEntries, keepBytes/size), fedBytes/size
	c.running, c.members, c.logBytes, c.entries = true, false, 0, 0
	covered, generation := r.applied.index, r.state.generation
	r.env.Disk.State.Sync(&disk.Batch{}, func(err error) {
		if err != nil {
			r.fail(fmt.Errorf("sync the state: %w", err))
			return
		}
		r.completions = append(r.completions, func() {
			c.running = false
			c.durable = max(c.durable, covered)
			r.changeDurable()
			if generation == r.state.generation {
				r.trim(covered, keep, most)
			}
		})
	})
}

// trim forgets log entries that the durable state covers, but for some that followers may still need.
func (r *Replica) trim(covered, keep, most uint64) {
	if r.members.isOnly(r.cfg.Node) && len(r.members.learners) == 0 {
		keep = 0
	}
	if covered <= keep {
		return
	}
	if err := r.log.trimTo(max(r.spare(covered-keep), covered-min(covered, most))); err != nil {
		r.fail(fmt.Errorf("trim the log: %w", err))
	}
}

// spare returns up to which entry the log may be trimmed so that nodes which were sent a snapshot find in it what follows:
// they would need another one otherwise, without end where entries come faster than snapshots. A node that has caught up,
// or is not heard any more, is like any other.
func (r *Replica) spare(trim uint64) uint64 {
	if !r.lead.leading {
		return trim
	}
	upTo := trim
	r.raft.WithProgress(func(id uint64, _ raft.ProgressType, pr tracker.Progress) {
		p, has := NodeID(id), max(pr.Match, pr.PendingSnapshot)
		switch {
		case !r.snaps.fed[p]:
		case pr.State == tracker.StateReplicate && has >= trim, r.elapsed()-r.relay.heard[p] > giveUpTicks*r.cfg.Tick:
			delete(r.snaps.fed, p)
		default:
			upTo = min(upTo, has)
		}
	})
	return upTo
}
