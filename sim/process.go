package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
)

// Fault model: a crash drops everything a node had in memory, at any instant between two events; frames that it sent
// stay on their way. A restart opens the replicas on what the stores kept. A paused node does nothing, as in a long
// garbage collection or a moved virtual machine: its clock goes on, its device finishes what was asked, and all events
// of the pause happen at its end. What others send to a suspended node soon gets lost. A slow node takes long for each round
// of work: what reaches it in the meantime waits.

// process is one node through all its boots.
type process struct {
	world    *World
	id       node.NodeID
	hardware hardwareClock
	format   node.Format // the newest that its binary knows
	device   device
	log      *volume
	state    *volume

	identity *node.Identity
	sessions []session // by peer

	boot    uint64 // number of the latest start
	alive   bool
	paused  bool
	held    bool          // what is wrong with it does not end by itself
	healed  bool          // nothing goes wrong any more, nor between it and its clients
	lost    time.Duration // frames that arrive from then on in a pause are lost; 0 if none are
	backlog []func()      // events of the pause, in order
	late    time.Duration // a round of work takes that long
	slowed  time.Duration // until then
	members []member      // by group; empty while down

	lie     *lie          // what its disk has done to it; nil if that is honest
	ended   error         // why it stays down for good; nil if it does not
	formed  bool          // it has been admitted to the cluster
	started time.Duration // when the latest boot was
	leaving bool          // this boot is about to stop
	led     time.Duration // when it was last seen to lead a group

	joined   bool   // it is in the cluster or about to be
	retired  bool   // it is out of the cluster for good
	restored []bool // by group: it has had a snapshot

	misread      bool  // this boot has read what is damaged
	failedDevice bool  // this boot has seen an error of its device
	failure      error // this boot has called Host.Fail
}

// member is a replica with what it was given.
type member struct {
	replica   *node.Replica
	clock     *nodeClock
	scheduled bool // a call of Advance is on its way
	leading   bool // as far as was seen
	told      bool // an operation of its stores has returned an error
}

// tell notes that an operation of a replica's stores has returned an error.
func (p *process) tell(group int) {
	if group != ofNode {
		p.members[group].told = true
	}
}

func (p *process) trace(k kind, payload uint64) { p.world.trace.hash(k, uint64(p.id), payload) }

func (p *process) printf(format string, args ...any) {
	p.world.trace.printf(uint64(p.id), format, args...)
}

// inCluster says that the node takes part, even if it is down.
func (p *process) inCluster() bool { return p.joined && !p.retired }

// retire stops the node for good.
func (p *process) retire(why string) {
	p.retired = true
	p.crash(why)
}

// start boots the node, unless it is not in the cluster or has ended for good.
func (p *process) start() {
	if !p.inCluster() || p.ended != nil {
		return
	}
	w := p.world
	p.boot++
	p.started, p.misread, p.leaving = w.now, false, false
	for _, v := range []*volume{p.log, p.state} {
		if !v.damage.stays() {
			v.damage = nil
		}
	}
	p.alive, p.paused, p.lost, p.backlog = true, false, 0, nil
	p.failedDevice, p.failure = false, nil
	p.device.restart(w.now)
	p.trace(kindStart, p.boot)
	p.printf("starts, boot %d", p.boot)
	w.record(Event{Kind: EventStart, Node: p.id, Number: p.boot})
	if p.format == node.NewestFormat {
		w.formats.knew[p.id-1] = true
	}
	p.members = make([]member, w.plan.cluster.groups)
	if err := p.identify(); err != nil {
		p.failToStart(fmt.Errorf("identity: %w", err))
		return
	}
	random := newByteStream(w.plan.environment(), fmt.Sprintf("node %d boot %d", p.id, p.boot))
	for g := range p.members {
		m := &p.members[g]
		m.clock = &nodeClock{hardware: &p.hardware, boot: p.hardware.read(), process: p, group: g}
		env := node.Env{
			Clock:   m.clock,
			Network: sender{p},
			Disk: disk.Disk{
				Log:   &store{volume: p.log, process: p, boot: p.boot, group: g},
				State: &store{volume: p.state, process: p, boot: p.boot, group: g},
			},
			Random:   random,
			Host:     host{p, p.boot},
			Observer: &witness{world: w, process: p},
		}
		config := w.plan.config(p.id, node.GroupID(g), p.identity.Life().Number)
		config.Format = p.format
		replica, err := node.Open(config, env)
		if errors.Is(err, node.ErrNewerFormat) {
			w.mark("upgrade: old binary refuses to start")
			w.formats.tooOld(p, g, err)
			return
		}
		if err != nil {
			p.failToStart(fmt.Errorf("group %d: %w", g, err))
			return
		}
		w.formats.started(p, g)
		m.replica = replica
		w.network.kept(p.id, node.GroupID(g), replica.Status().Term)
		// A crash may come between the write that makes a snapshot the state and the word of it. A new group begins at entry 1.
		p.restored[g] = p.restored[g] || replica.Status().Applied > 1
		p.advanceSoon(g)
	}
}

// failToStart ends a boot that cannot open its stores. That is right if they are damaged or their device has failed.
func (p *process) failToStart(err error) {
	if p.mayStop(err) {
		p.crash(err.Error())
		p.world.faults.restart(p, p.device.repair)
		return
	}
	if !p.refuses(err) {
		p.world.violate(model.Durable, "", "node %d does not start on what its healthy disk has kept: %v", p.id, err)
	}
	p.refuse(err)
}

// crash ends this boot.
func (p *process) crash(why string) {
	if !p.alive {
		return
	}
	p.trace(kindCrash, p.boot)
	p.printf("crashes: %s", why)
	p.world.record(Event{Kind: EventCrash, Node: p.id, Text: why})
	p.alive, p.paused, p.backlog, p.members = false, false, nil, nil
	p.log.crash()
	p.state.crash()
	p.world.clients.crashed(p)
}

// newProcess makes a node that has never been started.
func newProcess(w *World, id node.NodeID, onPebble bool) *process {
	plan := &w.plan
	p := &process{
		world: w, id: id, format: node.NewestFormat, joined: int(id) <= plan.cluster.nodes,
		restored: make([]bool, plan.cluster.groups),
	}
	if slices.Contains(plan.cluster.old, id) {
		p.format = oldest
	}
	clocks, disks := w.random.clocks, w.random.disk
	if !p.joined {
		clocks, disks = w.random.spares, w.random.spares
	}
	p.hardware = hardwareClock{now: &w.now}
	p.hardware.setDrift(int64(clocks.between(-plan.clock.drift, plan.clock.drift)))
	p.hardware.setSkew(clocks.duration(-plan.clock.skew, plan.clock.skew))
	p.device.latency = disks.duration(plan.disk.latency/2, plan.disk.latency*2)
	for _, v := range []struct {
		at   **volume
		what string
		role pebbledisk.Role
	}{{&p.log, "log", pebbledisk.Log}, {&p.state, "state", pebbledisk.State}} {
		name := fmt.Sprintf("%s of node %d", v.what, id)
		var m mirror
		if onPebble {
			m = newPebbleMirror(w, name, v.role)
		}
		*v.at = newVolume(w, name, &p.device, plan.disk.late, m)
	}
	return p
}

// close frees what real stores hold at the end of a run.
func (p *process) close() {
	for _, v := range []*volume{p.log, p.state} {
		if v.mirror != nil {
			v.mirror.close()
		}
	}
}
