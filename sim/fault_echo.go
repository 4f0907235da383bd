package sim

import (
	"slices"
	"time"

	"sqsd/node"
)

// Fault model: a node crashes, and soon after it is back it gets once more what others had sent to it before: the network
// had kept copies. It has forgotten what it did about them, and those that sent them may still wait for its answers.

var faultEcho = &faultKind{
	name: "echo", about: "it crashes, and what was sent to it before arrives again when it is back",
	fields: []string{"late", "for"}, several: true, cutsOff: true, arranged: true,
	draw: func(f *faults, e *FaultEvent) {
		// Soon enough for those that wait for an answer: they give up after an election.
		e.Lasts, e.Late = f.random.duration(0, 100*time.Millisecond), f.random.duration(5*time.Millisecond, 400*time.Millisecond)
	},
	inject: func(f *faults, e FaultEvent) {
		p := f.victim(e)
		boot, copies := p.boot, f.echoes.of(p)
		happens := f.happensOnce(e)
		if p.alive {
			happens()
		}
		p.crash("echo")
		f.restart(p, e.Lasts)
		f.at(f.world.now+e.Lasts+e.Late, func() {
			if p.boot != boot+1 || f.judged != nil {
				return
			}
			for _, again := range copies {
				happens()
				f.echoes.deliver(p.id, again.from, again.boot, again.group, slices.Clone(again.frame))
			}
		})
	},
}

// drawEcho turns the kind on in some runs.
func (f *faultPlan) drawEcho(r random, profile Profile, nodes int) {
	apart := f.has(func(k *faultKind) bool { return k.apart })
	if nodes > 1 && profile != Lite && !apart {
		f.weights[faultEcho.number()] = oneOf(r, 0, 0, 2, 5)
	}
}

const (
	// mostEchoes is how many frames to a node are kept.
	mostEchoes = 100
	// echoAge is how old those are at most that arrive again.
	echoAge = 500 * time.Millisecond
)

// echoes keeps copies of the latest frames.
type echoes struct {
	world   *World
	deliver func(to, from node.NodeID, boot uint64, group node.GroupID, frame []byte)
	latest  [][]echo // by receiver
}

// echo is a frame that a boot of a node sent.
type echo struct {
	at    time.Duration
	from  node.NodeID
	boot  uint64
	group node.GroupID
	frame []byte
}

// newEchoes listens to what the network delivers.
func newEchoes(w *World) *echoes {
	e := &echoes{world: w, deliver: w.network.deliver, latest: make([][]echo, len(w.network.links))}
	w.network.deliver = func(to, from node.NodeID, boot uint64, group node.GroupID, frame []byte) {
		if to != from {
			e.latest[to-1] = remember(e.latest[to-1], echo{w.now, from, boot, group, frame}, mostEchoes)
		}
		e.deliver(to, from, boot, group, frame)
	}
	return e
}

// of are the frames to a node that are not too old.
func (e *echoes) of(p *process) (recent []echo) {
	for _, sent := range e.latest[p.id-1] {
		if sent.at >= e.world.now-echoAge {
			recent = append(recent, sent)
		}
	}
	return recent
}
