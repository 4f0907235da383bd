package node

import (
	"fmt"

	"sqsd/node/disk"
)

// checkpointer makes the state durable from time to time, and trims the log behind what is.
type checkpointer struct {
	logBytes int  // of entries applied since the last checkpoint
	running  bool // a sync of the state store is under way
}

// checkpoint syncs the state store once enough entries have been applied. The log is trimmed only behind the entry that
// the completed sync covers: until then the log is the only durable copy.
func (r *Replica) checkpoint() {
	c := &r.check
	if c.running || c.logBytes < r.cfg.CheckpointBytes {
		return
	}
	c.running, c.logBytes = true, 0
	covered, generation := r.applied.index, r.state.generation
	r.env.Disk.State.Sync(&disk.Batch{}, func(err error) {
		if err != nil {
			r.fail(fmt.Errorf("sync the state: %w", err))
			return
		}
		r.completions = append(r.completions, func() {
			c.running = false
			if generation == r.state.generation {
				r.trim(covered)
			}
		})
	})
}

// trim forgets log entries that the durable state covers, but for some that followers may still need.
func (r *Replica) trim(covered uint64) {
	keep := r.cfg.KeepEntries
	if len(r.cfg.Peers) == 1 {
		keep = 0
	}
	if covered <= keep {
		return
	}
	if err := r.log.trimTo(covered - keep); err != nil {
		r.fail(fmt.Errorf("trim the log: %w", err))
	}
}
