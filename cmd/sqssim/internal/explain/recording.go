package explain

import (
	"bytes"
	"time"

	"sqsd/sim"
)

// Recording is what is kept of a run while it happens.
type Recording struct {
	Events []sim.Event
	Trace  bytes.Buffer
}

// Watch makes a run be recorded.
func (r *Recording) Watch(options *sim.Options) {
	options.Trace = &r.Trace
	options.Watch = func(e sim.Event) { r.Events = append(r.Events, e) }
}

// place is a command of a group's log.
type place struct {
	group, sub uint32
	index      uint64
}

// call is the way of a client's operation. Times are 0 for what did not happen.
type call struct {
	node            int
	answered, ended time.Duration
	refusal         string // the error that the node answered
}

// index sorts events by what they are about.
type index struct {
	committed  map[place]time.Duration // when the first node applied a command
	calls      map[int]call            // by operation ID
	phases     []sim.Event
	violations map[string]time.Duration // seen while the run happened, by text
}

func newIndex(events []sim.Event) *index {
	x := &index{committed: map[place]time.Duration{}, calls: map[int]call{}, violations: map[string]time.Duration{}}
	for i := range events {
		e := &events[i]
		c := x.calls[e.Operation]
		switch e.Kind {
		case sim.EventApply:
			at := place{uint32(e.Group), e.Sub, e.Number}
			if _, known := x.committed[at]; !known {
				x.committed[at] = e.At
			}
			continue
		case sim.EventPhase:
			x.phases = append(x.phases, *e)
			continue
		case sim.EventViolation:
			x.violations[e.Text] = e.At
			continue
		case sim.EventCall:
			c.node = int(e.Node)
		case sim.EventAnswer:
			c.answered, c.refusal = e.At, e.Text
		case sim.EventEnd:
			c.ended = e.At
		default:
			continue
		}
		x.calls[e.Operation] = c
	}
	return x
}

// phase is the phase of the run at a time.
func (x *index) phase(at time.Duration) string {
	name := ""
	for _, p := range x.phases {
		if p.At <= at {
			name = p.Text
		}
	}
	return name
}
