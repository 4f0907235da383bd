package load

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
)

// Config is one measurement.
type Config struct {
	// Endpoints are used in turn: connection i goes to endpoint i modulo their number.
	Endpoints []client.Endpoint
	// Signer signs requests; nil sends them unsigned.
	Signer *client.Signer
	// Queue is the queue's name; it is created if missing.
	Queue string
	// Mode is one of [Modes].
	Mode string
	// Clients is the number of connections; in cycle, wakeup and fair those that send.
	Clients int
	// Consumers is the number of connections that receive, in cycle, wakeup and fair.
	Consumers int
	// Body is the size of message bodies, in bytes.
	Body int
	// Batch is the number of messages per call, 1 to 10; 0 takes the mode's default.
	Batch int
	// Duration bounds the measured part, Warmup comes before it and is not measured. Drain and prefill ignore both. In
	// fair Duration is how long the quiet tenants send; there is no warm-up, and the run ends when the queue is empty.
	Duration, Warmup time.Duration
	// Count, if not 0, ends the run after that many messages; prefill needs it, and so does fair, whose noisy tenant
	// sends that many.
	Count int64
	// Wait is the WaitTimeSeconds of receives and Visibility their VisibilityTimeout, whole seconds.
	Wait, Visibility time.Duration
	// Backlog bounds how far cycle's producers run ahead of its consumers, in messages.
	Backlog int
	// Tenants is the number of fair's quiet tenants, and Rate how many messages each of them sends in a second.
	Tenants int
	Rate    float64
	// Hold is how long fair's consumers hold a message on average before they delete it: from half to half again as long.
	Hold time.Duration
	// Groups says that messages in fair name their tenant as MessageGroupId.
	Groups bool
	// Delay is the DelaySeconds of fair's noisy tenant, whole seconds. Fails says that its messages are given back instead of
	// deleted while anybody sends.
	Delay time.Duration
	Fails bool
	// Timeout bounds each call beyond its Wait.
	Timeout time.Duration
	// Track keeps all message ids to find duplicates and losses, in modes that receive; it costs memory in proportion
	// to the messages.
	Track bool
	// Fresh deletes the queue after the run.
	Fresh bool
	// Progress, if not nil, is called about every second with a line for people.
	Progress func(line string)
}

// mode is a way to put load on a queue.
type mode struct {
	name, does string
	batch      int       // messages per call unless the configuration says otherwise
	measures   operation // the operation whose messages are the run's throughput
	timed      bool      // ends after Config.Duration
	receives   bool      // so that messages can be tracked
	settles    bool      // drains the queue afterwards to find losses
	workers    func(r *run) []func()
}

// modes is filled in by init because its functions refer to it.
var modes []mode

func init() {
	modes = []mode{
		{"send", "each connection sends", 1, opSend, true, false, false, (*run).senders},
		{"sendbatch", "each connection sends batches of ten", 10, opSend, true, false, false, (*run).senders},
		{"loop", "each connection sends, receives and deletes in turn", 1, opDelete, true, true, true, (*run).loopers},
		{"cycle", "some connections send, others receive and delete", 1, opDelete, true, true, true, (*run).cyclers},
		{"drain", "receive and delete batches until the queue is empty", 10, opDelete, false, true, false, (*run).drainers},
		{"prefill", "send --count messages in batches", 10, opSend, false, false, false, (*run).senders},
		{"fair", "one tenant sends --count messages at once, others a few, all on one queue", 10, opDelete, false, true, true,
			(*run).tenants},
		{"wakeup", "receives wait, then as many sends: how long until they wake", 1, opReceive, true, true, true, (*run).wakers},
	}
}

// Modes describes the modes, one line each.
func Modes() string {
	var b strings.Builder
	for _, m := range modes {
		fmt.Fprintf(&b, "  %-10s %s\n", m.name, m.does)
	}
	return b.String()
}

// check refuses nonsense and fills in what the mode decides.
func (c *Config) check() (mode, error) {
	i := slices.IndexFunc(modes, func(m mode) bool { return m.name == c.Mode })
	if i < 0 {
		return mode{}, fmt.Errorf("mode %q is unknown; the modes are\n%s", c.Mode, Modes())
	}
	m := modes[i]
	if c.Batch == 0 {
		c.Batch = m.batch
	}
	switch {
	case len(c.Endpoints) == 0:
		return m, fmt.Errorf("no endpoint")
	case c.Queue == "":
		return m, fmt.Errorf("no queue name")
	case c.Batch < 1 || c.Batch > 10:
		return m, fmt.Errorf("batch is %d, want 1 to 10", c.Batch)
	case c.Clients < 1 || c.Consumers < 1:
		return m, fmt.Errorf("%d clients and %d consumers, want at least 1 of each", c.Clients, c.Consumers)
	case c.Body < 1 || c.Body > 1<<20:
		return m, fmt.Errorf("body is %d bytes, want 1 to %d", c.Body, 1<<20)
	case c.Body*c.Batch > 1<<20:
		return m, fmt.Errorf("a batch of %d bodies of %d bytes is over SQS's %d bytes", c.Batch, c.Body, 1<<20)
	case m.timed && c.Duration <= 0 && c.Count <= 0:
		return m, fmt.Errorf("mode %s needs a duration or a count", m.name)
	case m.name == "prefill" && c.Count <= 0:
		return m, fmt.Errorf("mode prefill needs a count")
	case m.name == "cycle" && c.Backlog < c.Clients*c.Batch:
		return m, fmt.Errorf("backlog is %d, want at least clients × batch = %d", c.Backlog, c.Clients*c.Batch)
	case c.Visibility < time.Second || c.Wait < 0 || c.Wait > 20*time.Second:
		return m, fmt.Errorf("visibility is %v and wait %v, want at least 1s and 0s to 20s", c.Visibility, c.Wait)
	case m.name == "fair" && (c.Tenants < 1 || c.Rate <= 0 || c.Duration <= 0 || c.Count <= 0):
		return m, fmt.Errorf("%d quiet tenants with %v messages a second for %v and a noisy one with %d, want more than 0 "+
			"of each", c.Tenants, c.Rate, c.Duration, c.Count)
	case c.Hold < 0 || 2*c.Hold > c.Visibility:
		return m, fmt.Errorf("hold is %v, want 0s to half the visibility timeout, %v", c.Hold, c.Visibility)
	case c.Delay < 0 || c.Delay > 15*time.Minute:
		return m, fmt.Errorf("delay is %v, want 0s to 15m", c.Delay)
	case c.Timeout <= 0:
		return m, fmt.Errorf("timeout is %v, want more than 0", c.Timeout)
	}
	return m, nil
}
