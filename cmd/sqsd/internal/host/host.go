package host

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
	"sqsd/node/disk"
)

// Config is what a host is told.
type Config struct {
	// Replica is the configuration of every replica; Group is filled in.
	Replica node.Config
	// Alone says that the node is not one of a cluster, New that its data directory was made at this start.
	Alone, New bool
	// Loops is the number of event loops; more than groups are not made.
	Loops int
	// Disk gives each group its view of the node's disk.
	Disk Disk
	// Peers sends frames to other nodes.
	Peers Sender
	// OnFail is told when a replica has stopped for good. It is called on a loop's thread and must not wait.
	OnFail func(error)
	Logger *slog.Logger
}

// Disk is the node's disk.
type Disk interface {
	// Group returns the disk as one group sees it; post runs completions as events of the group.
	Group(post func(func())) disk.Disk
}

// Sender sends frames to other nodes. It is unreliable and never waits.
type Sender interface {
	// The bodies of the frames are the sender's from then on, the slice is not.
	Send(to node.NodeID, frames []peer.Frame)
}

// Host runs the replicas of one node.
type Host struct {
	cfg     Config
	members []*member // by group
	loops   []*loop
	failing sync.Once
	failed  chan struct{} // closed when a replica has failed
	ending  chan struct{} // closed when polls should end
	drain   sync.Once
}

// Start opens all replicas and runs them.
func Start(cfg Config) (*Host, error) {
	h := &Host{cfg: cfg, failed: make(chan struct{}), ending: make(chan struct{})}
	start := time.Now()
	for range max(1, min(cfg.Loops, cfg.Replica.Groups)) {
		h.loops = append(h.loops, newLoop(start, cfg.Peers))
	}
	for group := range node.GroupID(cfg.Replica.Groups) {
		l := h.loops[int(group)%len(h.loops)]
		m := &member{loop: l, group: group, wakeAt: never, touched: true, outside: cfg.Replica.Join}
		l.members = append(l.members, m)
		h.members = append(h.members, m)
		replica := cfg.Replica
		replica.Group = group
		var err error
		m.replica, err = node.Open(replica, node.Env{
			Clock: m, Network: network{h, l}, Host: reports{h}, Random: rand.Reader,
			Disk: cfg.Disk.Group(func(f func()) { l.post(event{member: m, run: f}) }),
		})
		if err != nil {
			return nil, err
		}
	}
	for _, l := range h.loops {
		go l.run(h.failed, h.broken)
	}
	return h, nil
}

// Deliver hands in frames from a peer. Frames for groups that do not exist are dropped.
func (h *Host) Deliver(from node.NodeID, frames []peer.Frame) {
	for _, l := range h.loops {
		l.deliver(from, frames, h.members)
	}
}

// broken stops the host because a replica panicked.
func (h *Host) broken(m *member, p any, stack []byte) {
	h.cfg.Logger.Error("a replica found an invariant broken", "group", m.group, "panic", p, "stack", string(stack))
	reports{h}.Fail(m.group, fmt.Errorf("%w: %v", ErrInvariant, p))
}

// ErrInvariant says that a replica found its state or its log to be what it can never be, and stopped.
var ErrInvariant = errors.New("an invariant is broken")

// Leave hands over what this node leads, as far as other nodes can take it before ctx ends. It leads nothing more from then on.
func (h *Host) Leave(ctx context.Context) error {
	left := make(chan struct{}, len(h.members))
	for _, m := range h.members {
		m.loop.post(event{member: m, run: func() { m.replica.Leave(func() { left <- struct{}{} }) }})
	}
	for range h.members {
		select {
		case <-left:
		case <-h.failed:
			return errReplicaFailed
		case <-ctx.Done():
			return fmt.Errorf("some groups were not handed over: %w", ctx.Err())
		}
	}
	return nil
}

// Stop ends the loops. Calls that wait end with ServiceUnavailable.
func (h *Host) Stop() {
	for _, l := range h.loops {
		close(l.stop)
	}
	for _, l := range h.loops {
		<-l.ended
	}
	h.failing.Do(func() { close(h.failed) })
}

// Status reports on all replicas, by group, or an error if a loop does not answer before ctx ends.
func (h *Host) Status(ctx context.Context) ([]node.Status, error) {
	all := make([]node.Status, len(h.members))
	answers := make(chan struct{}, len(h.members))
	for group, m := range h.members {
		m.loop.post(event{member: m, run: func() {
			all[group] = m.replica.Status()
			answers <- struct{}{}
		}})
	}
	for range h.members {
		select {
		case <-answers:
		case <-h.failed:
			return nil, errReplicaFailed
		case <-ctx.Done():
			return nil, fmt.Errorf("an event loop does not answer: %w", ctx.Err())
		}
	}
	return all, nil
}

// Load is how busy the loops are.
type Load struct {
	Waiting int    // events that wait in inboxes
	Dropped uint64 // frames dropped because an inbox was full, since the start
}

// Load reports how busy the loops are.
func (h *Host) Load() Load {
	var sum Load
	for _, l := range h.loops {
		waiting, dropped := l.load()
		sum.Waiting += waiting
		sum.Dropped += dropped
	}
	return sum
}

// network is the replicas' view of other replicas.
type network struct {
	h *Host
	l *loop // of the replica that sends
}

func (n network) Send(to node.NodeID, group node.GroupID, frame []byte) {
	if to == n.h.cfg.Replica.Node {
		n.h.Deliver(to, []peer.Frame{{Group: group, Body: frame}})
		return
	}
	n.l.send(to, peer.Frame{Group: group, Body: frame})
}

// reports takes what replicas have to say.
type reports struct{ h *Host }

func (r reports) Fail(group node.GroupID, err error) {
	r.h.failing.Do(func() { close(r.h.failed) })
	r.h.cfg.OnFail(fmt.Errorf("replica of group %d: %w", group, err))
}

// newLeader is how a replica reports who leads, newFormat that its group goes over to another format.
const (
	newLeader = "node %d leads term %d"
	newFormat = "the format is raised from %d to %d; older binaries cannot be started any more"
)

// Logf logs what operators want to see. That a node alone leads itself is not of that kind, nor in which format its new data is.
func (r reports) Logf(group node.GroupID, format string, args ...any) {
	level := slog.LevelInfo
	if r.h.cfg.Alone && (format == newLeader || r.h.cfg.New && format == newFormat) {
		level = slog.LevelDebug
	}
	r.h.cfg.Logger.Log(context.Background(), level, fmt.Sprintf(format, args...), "group", group)
}

func (r reports) Mark(name string) { r.h.cfg.Logger.Debug(name) }
