package sim

import (
	"errors"
	"fmt"

	"sqsd/node"
)

// sender is a node's network.
type sender struct{ process *process }

func (s sender) Send(to node.NodeID, group node.GroupID, frame []byte) {
	s.process.send(to, group, frame)
}

// host is what a boot of a node reports to.
type host struct {
	process *process
	boot    uint64
}

func (h host) Fail(group node.GroupID, err error) {
	h.process.world.record(Event{Kind: EventFail, Node: h.process.id, Group: group, Text: err.Error()})
	if errors.Is(err, node.ErrRolledBack) {
		h.process.identity.Refuse(err)
		return
	}
	h.process.fail(fmt.Sprintf("group %d", group), err)
}

// fail says that a part of the node has stopped for good.
func (p *process) fail(part string, err error) {
	p.printf("%s fails: %v", part, err)
	p.failure = err
}

func (h host) Logf(group node.GroupID, format string, args ...any) {
	if h.process.world.trace.writing() {
		h.process.printf("group %d: %s", group, fmt.Sprintf(format, args...))
	}
}

func (h host) Mark(name string) {
	w := h.process.world
	w.mark(name)
	if name == snapshotSent {
		w.faults.sends(h.process, w.working.group)
	}
}
