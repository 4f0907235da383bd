package sim

import (
	"fmt"
	"time"

	"sqsd/model"
	"sqsd/node"
	"sqsd/node/queue"
	"sqsd/wire"
)

// Plan is a run before it starts: its configuration, and what clients and the nemesis do in it or how they draw that.
type Plan struct {
	// Seed is what everything is drawn from, Profile how the configuration was.
	Seed    uint64
	Profile Profile
	// Variation, if not 0, makes what the network, disks, clocks and schedules draw another than that of the seed.
	Variation uint64
	// Script is what clients and the nemesis do. If it is nil they decide on the way, drawing from the seed.
	Script *Script

	cluster  clusterPlan
	link     linkPlan
	disk     diskPlan
	clock    clockPlan
	work     workPlan
	faults   faultPlan
	calm     bool          // nothing goes wrong between nodes: promptness is judged throughout
	batching time.Duration // how long a node collects events at most before it advances
	chaos    time.Duration // how long clients work while things go wrong
	settle   time.Duration // how long they go on after everything has healed
	core     []node.NodeID // that heals before the others do; empty if all heal at once
	quiet    time.Duration // how long nothing happens then, so that retention passes
	lull     lullPlan
}

// clusterPlan is the cluster and its limits.
type clusterPlan struct {
	nodes, groups int
	spares        int           // nodes that may be added
	old           optionalNodes // that begin with an old binary
	tick          time.Duration
	electionTicks int
	callTimeout   time.Duration
	limits        queue.Limits
	maxEntry      int
	maxPending    int
	checkpoint    int
	keep          uint64
	batchKeys     int
	logCache      int
	chunk         int
}

// diskPlan is how the nodes' devices behave when they are healthy.
type diskPlan struct {
	latency time.Duration
	late    bool // see volume.late
}

// clockPlan bounds the nodes' clocks.
type clockPlan struct {
	maxSkew time.Duration // what the nodes are told
	skew    time.Duration // offset and jumps of clocks stay within
	drift   int           // parts per million
}

// workPlan is what clients do.
type workPlan struct {
	clients   int
	watchers  int      // of them, the last ones, which read counters now and then and do nothing else
	queues    []string // names, those that are used most first
	batch     int      // most entries of a batch
	groups    int      // message groups of a FIFO queue
	tenanted  int      // percent of messages to standard queues that have a message group id
	repeated  int      // percent of sends and receives that may be repeated and that are tried again
	think     time.Duration
	beat      time.Duration // a client that waits for the others goes on at the next multiple of it
	together  int           // percent of pauses that end with the others'
	hop       time.Duration
	loss      int // per mille of the ways between client and node
	impatient int // per mille of operations given up early
	poisoned  int // percent of settings with a redrive policy
	strange   int // percent of deliveries acted on that may not be the client's own
	weights   []int
}

// lullPlan is a pause of all clients in the middle of the chaos, long enough for messages to expire, or for deduplication
// ids to be forgotten. Some timeouts and delays of the run are longer than the shortest retention.
type lullPlan struct {
	from, until time.Duration // both 0 if there is none
	edge        bool          // it ends when what was sent last before it begins to expire
}

const (
	retention = 60 * time.Second // the shortest that a queue can have
	dedup     = 5 * time.Minute  // how long deduplication ids and receive attempts are remembered
	longer    = 70               // seconds, of delays and timeouts that outlast it
)

// Profile names a way of drawing plans.
type Profile string

// The profiles.
const (
	// Default is three nodes mostly, every fault, 15 to 35 simulated seconds of chaos.
	Default Profile = "default"
	// Lite is short, three nodes, crashes and partitions only.
	Lite Profile = "lite"
	// Deep is Default with three times the time and more clients.
	Deep Profile = "deep"
	// Moves is Default with redrive policies and move tasks on most queues.
	Moves Profile = "moves"
	// Ruin is Default with disks that lie on all nodes but one.
	Ruin Profile = "ruin"
)

// ParseProfile returns the profile of a name.
func ParseProfile(name string) (Profile, error) {
	switch p := Profile(name); p {
	case Default, Lite, Deep, Moves, Ruin:
		return p, nil
	}
	return "", fmt.Errorf("unknown profile %q: want %s, %s, %s, %s or %s", name, Default, Lite, Deep, Moves, Ruin)
}

// environment is the seed of all that is not decided by the plan or its script.
func (p *Plan) environment() uint64 { return p.Seed + p.Variation*weyl }

// promptness is how long a long poll of a calm run may take to be answered once a message is there: a few round trips
// and syncs, and the client's hops.
func (p *Plan) promptness() time.Duration {
	way := p.link.latency*3/2 + p.link.jitter*5 + p.batching
	sync := p.disk.latency * 2 * 5
	return 10*way + 4*sync + 12*p.work.hop + 20*time.Millisecond
}

// config is what a replica is told.
func (p *Plan) config(id node.NodeID, group node.GroupID, life uint64) node.Config {
	c := &p.cluster
	return node.Config{
		Node: id, Group: group, Life: life, Peers: p.nodes(), Join: p.joins(id),
		Groups: c.groups, Account: account, Region: region, Limits: c.limits,
		Tick: c.tick, ElectionTicks: c.electionTicks, CallTimeout: c.callTimeout, MaxSkew: p.clock.maxSkew,
		MaxEntryBytes: c.maxEntry, MaxPendingBytes: c.maxPending, CheckpointBytes: c.checkpoint, KeepEntries: c.keep,
		LogCacheBytes: c.logCache, StateBatchKeys: c.batchKeys, SnapshotChunkBytes: c.chunk,
	}
}

// joins says that a node is added to the cluster, which has others at the beginning.
func (p *Plan) joins(id node.NodeID) bool { return int(id) > p.cluster.nodes }

// nodes are the nodes that the cluster starts with.
func (p *Plan) nodes() (ids []node.NodeID) {
	for i := range p.cluster.nodes {
		ids = append(ids, node.NodeID(i+1))
	}
	return ids
}

// modelConfig is what the specification is told.
func (p *Plan) modelConfig() model.Config {
	l := p.cluster.limits
	return model.Config{
		Account: account, Region: region, DeletedQueueWindow: l.DeletedQueueWindow, PurgeWindow: l.PurgeWindow,
		MaxInFlight: l.MaxInFlight, GroupsInTurn: true,
		GroupOf: func(queue string) uint32 { return uint32(node.GroupOf(queue, p.cluster.groups)) },
	}
}

const (
	account = "000000000000"
	region  = "us-east-1"
)

// patience is how long a client waits for an answer that is not late.
func (p *Plan) patience(req wire.Request) time.Duration {
	d := p.cluster.callTimeout + time.Second
	if r, ok := req.(*wire.ReceiveMessageRequest); ok {
		// The queue's own waiting time, at most that of settings, counts if the request has none.
		d += time.Duration(r.WaitTimeSeconds.Or(3)) * time.Second
	}
	return d
}

// String says in one line what kind of run the seed makes.
func (p *Plan) String() string {
	run := fmt.Sprintf("seed %d %s: %d nodes, %d groups, %d clients, queues %v, chaos %v", p.Seed, p.Profile, p.cluster.nodes,
		p.cluster.groups, p.work.clients, p.work.queues, p.chaos)
	if p.cluster.spares > 0 {
		run += fmt.Sprintf(", %d spare nodes", p.cluster.spares)
	}
	if p.Script != nil {
		return fmt.Sprintf("%s, %d operations and %d faults", run, len(p.Script.Steps), len(p.Script.Faults))
	}
	return fmt.Sprintf("%s, faults %v", run, p.faults.names())
}
