package sim

import "time"

// awake says that it runs and does not pause.
func (p *process) awake() bool { return p.alive && !p.paused }

// pause stops the node for a while.
func (p *process) pause(d time.Duration) {
	if !p.awake() {
		return
	}
	p.paused = true
	p.trace(kindPause, 0)
	p.printf("pauses for %v", d)
	p.world.record(Event{Kind: EventPause, Node: p.id, Until: p.world.now + d})
	boot := p.boot
	p.world.after(d, func() {
		if p.boot == boot && !p.held {
			p.resume()
		}
	})
}

// suspend is pause for a machine whose connections do not outlast it.
func (p *process) suspend(d time.Duration) {
	if p.awake() {
		p.lost = p.world.now + 3*(p.world.plan.link.latency+p.world.plan.link.jitter)
		p.pause(d)
	}
}

func (p *process) resume() {
	if !p.paused {
		return
	}
	p.paused, p.lost = false, 0
	p.trace(kindResume, uint64(len(p.backlog)))
	p.printf("goes on with %d events", len(p.backlog))
	p.world.record(Event{Kind: EventResume, Node: p.id})
	backlog := p.backlog
	p.backlog = nil
	for _, run := range backlog {
		p.after(0, run)
	}
}
