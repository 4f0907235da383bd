package sim

import (
	"errors"

	"sqsd/node/disk"
)

// Fault model of disks: a device is slow for a while; it fails, or is full, until the node has been started again; it is
// full for a while, also for a node that is started again, and then has space. See
// disk.go for what a node sees of that and what a crash keeps.

var faultStall = &faultKind{
	name: "stall", about: "its device is slow",
	fields: []string{"for"},
	inject: func(f *faults, e FaultEvent) {
		w, d := f.world, &f.victim(e).device
		if until := w.now + e.Lasts; until > max(d.stalled, w.now) {
			f.happens(e)
			d.stalled = until
		}
	},
}

var faultDevice = &faultKind{
	name: "device", about: "its device fails",
	fields: []string{"full", "for"}, cutsOff: true,
	draw: func(f *faults, e *FaultEvent) { e.Full = f.random.chance(50) },
	inject: func(f *faults, e FaultEvent) {
		err := disk.ErrIO
		if e.Full {
			err = disk.ErrNoSpace
		}
		p := f.victim(e)
		if p.alive || p.device.full > f.world.now { // or a restart makes it healthy
			f.happens(e)
		}
		p.device.fail(err, e.Lasts)
	},
}

// restarts is how often a node on a full device is started until there is space again.
const restarts = 4

var faultFull = &faultKind{
	name: "full", about: "its device is full until there is space again",
	fields: []string{"for"}, cutsOff: true,
	inject: func(f *faults, e FaultEvent) {
		f.happens(e)
		w, d := f.world, &f.victim(e).device
		d.fail(disk.ErrNoSpace, e.Lasts/restarts)
		d.full = max(d.full, w.now+e.Lasts)
		w.after(e.Lasts, func() {
			if d.full <= w.now && errors.Is(d.failing, disk.ErrNoSpace) {
				d.failing = nil
			}
		})
	},
}
