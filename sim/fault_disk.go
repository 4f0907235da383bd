package sim

import "sqsd/node/disk"

// Fault model of disks: a device is slow for a while, or fails, or is full, until the node has been started again. See
// disk.go for what a node sees of that and what a crash keeps.

var faultStall = &faultKind{
	name: "stall", about: "its device is slow",
	fields: []string{"for"},
	inject: func(f *faults, e FaultEvent) {
		d := &f.victim(e).device
		d.stalled = max(d.stalled, f.world.now+e.Lasts)
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
		f.victim(e).device.fail(err, e.Lasts)
	},
}
