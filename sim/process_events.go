package sim

import (
	"cmp"
	"errors"
	"time"

	"github.com/cespare/xxhash/v2"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/disk"
)

// after schedules something for this boot of the node; a pause delays it.
func (p *process) after(d time.Duration, run func()) {
	p.afterUnpaused(d, func() {
		if p.paused {
			p.backlog = append(p.backlog, run)
			return
		}
		run()
	})
}

// afterUnpaused schedules something for this boot of the node that happens even in a pause.
func (p *process) afterUnpaused(d time.Duration, run func()) {
	boot := p.boot
	p.world.after(d, func() {
		if p.alive && p.boot == boot {
			run()
		}
	})
}

// ofNode stands for the group of what belongs to the node and none of its replicas.
const ofNode = -1

// event makes something happen to a replica, or to the node, now or at the end of a pause.
func (p *process) event(group int, run func()) {
	if p.paused {
		p.backlog = append(p.backlog, func() { p.event(group, run) })
		return
	}
	run()
	p.settle(group)
}

// reachable says that what arrives now is not lost.
func (p *process) reachable() bool {
	return p.alive && !(p.paused && p.lost > 0 && p.world.now > p.lost)
}

// accepts says that it takes a frame from a boot of a node.
func (p *process) accepts(from node.NodeID, boot uint64) bool {
	return p.reachable() && (from == p.id || p.identity.Admitted() && p.sessions[from-1].accepted[boot])
}

// deliver gives a frame that arrived from a boot of a node to its replica.
func (p *process) deliver(from node.NodeID, boot uint64, group node.GroupID, frame []byte) {
	if !p.accepts(from, boot) {
		p.world.trace.hash(kindDrop, uint64(p.id), 2)
		return
	}
	p.trace(kindDeliver, xxhash.Sum64(frame)^uint64(from)<<32)
	p.event(int(group), func() { p.members[group].replica.Deliver(from, frame) })
}

// wake is called by the replica's clock.
func (p *process) wake(group int) {
	p.trace(kindWake, uint64(group))
	p.event(group, p.members[group].replica.Wake)
}

// settle ends an event: the replica may have failed, else it is due to advance.
func (p *process) settle(group int) {
	if p.failure != nil {
		p.fall(group)
		return
	}
	if p.alive && group != ofNode {
		p.advanceSoon(group)
	}
}

// slow makes every round of work take longer until an instant.
func (p *process) slow(by, until time.Duration) { p.late, p.slowed = by, until }

// advanceSoon schedules a call of Advance. The events until then share it.
func (p *process) advanceSoon(group int) {
	m := &p.members[group]
	if m.scheduled {
		return
	}
	m.scheduled = true
	d := p.world.random.schedule.duration(0, p.world.plan.batching)
	if p.slowed > p.world.now {
		d += p.late
	}
	p.after(d, func() {
		m.scheduled = false
		p.world.working = working{p.id, group}
		m.replica.Advance()
		p.world.working = working{}
		p.world.observer.advanced(p, group)
		if p.failure != nil {
			p.fall(group)
		} else if m.told {
			p.world.violate(model.NothingSilent, "", "node %d goes on, but its group %d has seen an error of the disk: %v", p.id, group,
				cmp.Or(p.device.failing, disk.ErrCorrupt))
		}
	})
}

// fall ends a node whose replica has stopped for good. That is right after a device failed and wrong otherwise.
func (p *process) fall(group int) {
	if p.failure == nil || !p.alive {
		return
	}
	if p.refuses(p.failure) {
		p.refuse(p.failure)
		return
	}
	if errors.Is(p.failure, node.ErrNewerFormat) {
		p.world.mark("upgrade: old binary stops at the raise")
		p.world.formats.tooOld(p, group, p.failure)
		return
	}
	if !p.mayStop(p.failure) {
		p.world.violate(model.NothingSilent, "", "node %d stops for another reason than its device: %v", p.id, p.failure)
		return
	}
	p.crash(p.failure.Error())
	p.world.faults.restart(p, p.device.repair)
}

// mayStop says that an error is what the node's device has told it.
func (p *process) mayStop(err error) bool {
	return p.failedDevice && (errors.Is(err, disk.ErrIO) || errors.Is(err, disk.ErrNoSpace))
}
