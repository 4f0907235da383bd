package node

import (
	"fmt"

	"sqsd/node/disk"
)

// keepBytes bounds what the log keeps behind a checkpoint, as far as its entries are alike.
const keepBytes = 64 << 20

// checkpointer makes the state durable from time to time, and trims the log behind what is.
type checkpointer struct {
	logBytes int  // of entries applied since the last checkpoint
	entries  int  // their number
	running  bool // a sync of the state store is under way
	members  bool // the membership has changed since the last one
	// changed is the entry of the last change of members, durable one that the state is known to be synced up to.
	changed, durable uint64
}

// checkpoint syncs the state store once enough entries have been applied, or one that changed the membership. The log is
// trimmed only behind the entry that the completed sync covers: until then the log is the only durable copy.
func (r *Replica) checkpoint() {
	c := &r.check
	if c.running || c.logBytes < r.cfg.CheckpointBytes && !c.members {
		return
	}
	keep := min(r.cfg.KeepEntries, uint64(keepBytes/(c.logBytes/c.entries)))
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
				r.trim(covered, keep)
			}
		})
	})
}

// trim forgets log entries that the durable state covers, but for some that followers may still need.
func (r *Replica) trim(covered, keep uint64) {
	if r.members.isOnly(r.cfg.Node) && len(r.members.learners) == 0 {
		keep = 0
	}
	if covered <= keep {
		return
	}
	if err := r.log.trimTo(covered - keep); err != nil {
		r.fail(fmt.Errorf("trim the log: %w", err))
	}
}
