package sim

import (
	"fmt"
	"time"

	"sqsd/model"
	"sqsd/node"
)

// Fault model: before frames pass, two boots of nodes greet each other, as when a connection is opened: a greeting, its
// answer, a confirmation that the answer was judged, and word that the frames are taken. All that takes the way of
// frames and may be lost or come late. Frames wait until the peer takes them, the oldest are dropped if there are too
// many. A node takes the frames of every boot that it has accepted, also those that come late. A process that ends
// takes its connections with it; that another has ended is known at once.

const (
	// dialEvery is how long a greeting may stay unanswered before there is another one.
	dialEvery = 100 * time.Millisecond
	// mostHeld is how many frames wait for a peer.
	mostHeld = 100
)

// session is what one boot of a node has to do with a peer.
type session struct {
	accepted map[uint64]bool // boots of the peer whose frames count
	open     uint64          // boot of the peer that takes this one's frames; 0 if none does
	dialled  time.Duration   // when the peer was greeted last
	held     []heldFrame
}

type heldFrame struct {
	group node.GroupID
	frame []byte
}

// identify begins the node's next life on what its log store has kept.
func (p *process) identify() (err error) {
	w := p.world
	p.sessions = make([]session, len(w.processes))
	for i := range p.sessions {
		p.sessions[i] = session{accepted: map[uint64]bool{}, dialled: -dialEvery}
	}
	p.identity, err = node.OpenIdentity(node.IdentityConfig{
		Node: p.id, Peers: w.plan.nodes(), Join: w.plan.joins(p.id),
		Store:  &store{volume: p.log, process: p, boot: p.boot, group: ofNode},
		Random: newByteStream(w.plan.environment(), fmt.Sprintf("identity of node %d boot %d", p.id, p.boot)),
		Fail:   func(err error) { p.fail("identity", err) },
	}, func() {
		for _, q := range w.processes {
			p.dial(q)
		}
	})
	return err
}

// send gives a frame to the network, or holds it until there is a connection.
func (p *process) send(to node.NodeID, group node.GroupID, frame []byte) {
	w := p.world
	if to == p.id || to == 0 || int(to) > len(w.processes) {
		w.network.send(p.id, to, group, frame)
		return
	}
	w.network.promise(p.id, group, frame)
	if !p.identity.Admitted() {
		w.trace.hash(kindDrop, uint64(to), 3)
		p.dial(w.processes[to-1])
		return
	}
	if p.lie != nil && p.lie.ends == node.ErrForgotten && p.lie.mustEnd {
		w.violate(model.NothingSilent, "", "node %d takes part, but should have found out: %v", p.id, p.lie.ends)
	}
	if !p.formed {
		p.formed = true
		w.noteMet()
	}
	s := &p.sessions[to-1]
	if s.open == w.processes[to-1].boot {
		w.network.send(p.id, to, group, frame)
		return
	}
	if s.held = append(s.held, heldFrame{group, frame}); len(s.held) > mostHeld {
		s.held = s.held[1:]
	}
	p.dial(w.processes[to-1])
}

// dial greets a peer, unless it was greeted a moment ago.
func (p *process) dial(to *process) {
	w, s := p.world, &p.sessions[to.id-1]
	if to == p || !p.identity.Ready() || s.open == to.boot || w.now-s.dialled < dialEvery {
		return
	}
	s.dialled = w.now
	boot, greeting := p.boot, p.identity.Greet(to.id)
	w.network.greet(p.id, to.id, func() { to.greeted(p, boot, greeting) })
}

// greeted judges a greeting and answers it.
func (p *process) greeted(from *process, boot uint64, g node.Greeting) {
	p.handshake(boot, func() {
		if !p.identity.Ready() {
			return
		}
		self, err := p.identity.Judge(from.id, g)
		p.refused(from, g, err)
		if self {
			return
		}
		own, answer := p.boot, p.identity.Greet(from.id)
		p.world.network.greet(p.id, from.id, func() {
			from.answered(boot, p, answer, func() { p.confirmed(own, from, boot, g) })
		})
	})
}

// answered judges and notes the answer of a peer to a greeting of a boot of this node's. confirm arrives at the peer.
func (p *process) answered(own uint64, peer *process, g node.Greeting, confirm func()) {
	if p.boot != own {
		return
	}
	p.handshake(own, func() {
		p.meet(peer, g, func() { p.world.network.greet(p.id, peer.id, confirm) })
	})
}

// confirmed notes a greeting, of a boot of a peer that has judged the answer of a boot of this node, and says so.
func (p *process) confirmed(own uint64, peer *process, boot uint64, g node.Greeting) {
	if p.boot != own {
		return
	}
	p.handshake(boot, func() {
		p.meet(peer, g, func() {
			p.sessions[peer.id-1].accepted[boot] = true
			p.world.network.greet(p.id, peer.id, func() { peer.opened(boot, p, own) })
		})
	})
}

// opened lets the frames go that waited for a boot of a peer.
func (p *process) opened(own uint64, peer *process, boot uint64) {
	if p.boot != own {
		return
	}
	p.handshake(boot, func() {
		s := &p.sessions[peer.id-1]
		s.open = boot
		held := s.held
		s.held = nil
		for _, f := range held {
			p.world.network.send(p.id, peer.id, f.group, f.frame)
		}
	})
}

// handshake takes a part of a handshake that arrives.
func (p *process) handshake(boot uint64, take func()) {
	if p.reachable() {
		p.trace(kindGreeting, boot)
		p.event(ofNode, take)
	}
}

// meet lets the node judge and note a greeting. noted is called if it takes it.
func (p *process) meet(peer *process, g node.Greeting, noted func()) {
	p.identity.Meet(peer.id, g, func(err error) {
		if err == nil {
			noted()
		}
		p.refused(peer, g, err)
	})
}

// refused checks that a node has refused a greeting, if it has, with good reason.
func (p *process) refused(peer *process, g node.Greeting, err error) {
	if err == nil {
		return
	}
	p.printf("refuses node %d: %v", peer.id, err)
	if p.failure == nil && peer.lie == nil && p.lie == nil && peer.alive && peer.identity.Life() == g.Self {
		p.world.violate(model.Live, "", "node %d is refused although its disk is what it was: %v", peer.id, err)
	}
}
