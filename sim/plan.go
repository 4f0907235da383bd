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
	spares        int      // nodes that may be added
	old           fewNodes // that begin with an old binary
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

// NewPlan draws the plan of a seed.
func NewPlan(seed uint64, profile Profile) Plan {
	r := newRandom(seed, "plan")
	p := Plan{Seed: seed, Profile: profile}
	p.cluster = drawCluster(r, profile)
	p.link = linkPlan{
		latency: oneOf(r, 200*time.Microsecond, time.Millisecond, 5*time.Millisecond),
		jitter:  oneOf(r, 100*time.Microsecond, time.Millisecond, 10*time.Millisecond),
		loss:    oneOf(r, 0, 0, 5, 30, 100),
		repeat:  oneOf(r, 0, 0, 10, 100),
		ordered: r.chance(50),
	}
	if profile != Lite {
		p.link.drawUneven(newRandom(seed, "links"), &p.cluster)
	}
	p.disk = diskPlan{latency: oneOf(r, 100*time.Microsecond, time.Millisecond, 8*time.Millisecond), late: r.chance(50)}
	p.clock = clockPlan{maxSkew: 500 * time.Millisecond, drift: oneOf(r, 0, 100, 10_000)}
	p.clock.skew = oneOf(r, 0, 10*time.Millisecond, 200*time.Millisecond)
	p.work = drawWork(r, profile)
	p.batching = oneOf(r, 0, 20*time.Microsecond, 500*time.Microsecond)
	p.chaos = r.duration(15*time.Second, 35*time.Second)
	p.settle = 2 * time.Second
	if r.chance(15) {
		p.quiet = retention + 2*time.Second
	}
	if r.chance(15) || profile == Moves && r.chance(15) {
		p.lull.from = r.duration(p.chaos/3, p.chaos*2/3)
		p.lull.until = p.lull.from + oneOf(r, retention+r.duration(-4*time.Second, 2*time.Second), dedup+r.duration(-600*time.Millisecond, 400*time.Millisecond))
		p.chaos += p.lull.until - p.lull.from
		p.clock.drift = min(p.clock.drift, 100) // more would take healthy clocks out of their bound in that time
	}
	p.core = drawCore(newRandom(seed, "core"), p.cluster.nodes)
	p.faults = drawFaults(r, profile, p.cluster.nodes)
	if p.faults.has(func(k *faultKind) bool { return k.apart }) {
		p.link.tail, p.link.bandwidth = 0, 0 // or nodes may have no word of a third clock for long
	}
	switch profile {
	case Lite:
		p.chaos, p.quiet, p.lull = r.duration(5*time.Second, 10*time.Second), 0, lullPlan{}
	case Deep:
		p.chaos = p.chaos*3 - 2*(p.lull.until-p.lull.from)
	}
	if r.chance(20) && profile != Ruin {
		p.becalm(r)
	}
	if profile != Lite {
		p.drawUpgrade(newRandom(seed, "upgrade"))
		p.drawMembers(newRandom(seed, "members"))
		if p.cluster.spares > 0 || p.faults.has(func(k *faultKind) bool { return k.rare }) {
			p.core = nil // which nodes are a majority may change, or its disks may lie
		}
	}
	return p
}

// drawUneven draws what makes links and frames differ: in most runs little.
func (l *linkPlan) drawUneven(r random, c *clusterPlan) {
	l.far, l.tail, l.bandwidth = oneOf(r, 0, 0, 20, 60), oneOf(r, 0, 0, 2, 20), oneOf(r, 0, 0, 0, 200_000, 1_000_000)
	if l.far == 0 {
		return
	}
	// A round trip takes a fifth of the shortest election timeout at most: nobody leads over a slower network.
	l.farther = min(20*l.latency, time.Duration(c.electionTicks)*c.tick/10)
}

// environment is the seed of all that is not decided by the plan or its script.
func (p *Plan) environment() uint64 { return p.Seed + p.Variation*weyl }

// becalm takes everything out of a plan that could delay an answer.
func (p *Plan) becalm(r random) {
	p.calm = true
	p.core = nil
	p.work.loss = 0
	if r.chance(60) {
		// Most clients stand in line for few messages.
		clear(p.work.weights)
		p.work.weights[actPoll], p.work.weights[actSendBatch], p.work.weights[actDelete] = 60, 6, 3
		p.work.weights[actSend], p.work.weights[actChange] = 10, oneOf(r, 0, 5)
	}
	p.faults.weights = nil
	p.link = linkPlan{latency: p.link.latency, jitter: p.link.jitter, ordered: p.link.ordered}
	p.cluster.limits.DueBatch = queue.DefaultLimits().DueBatch
	p.cluster.maxEntry, p.cluster.maxPending = 1<<16, 1<<20
}

// promptness is how long a long poll of a calm run may take to be answered once a message is there: a few round trips
// and syncs, and the client's hops.
func (p *Plan) promptness() time.Duration {
	way := p.link.latency*3/2 + p.link.jitter*5 + p.batching
	sync := p.disk.latency * 2 * 5
	return 10*way + 4*sync + 12*p.work.hop + 20*time.Millisecond
}

func drawCluster(r random, profile Profile) clusterPlan {
	c := clusterPlan{
		nodes:         oneOf(r, 1, 3, 3, 3, 3, 3, 3, 5),
		groups:        oneOf(r, 1, 1, 2, 3),
		tick:          oneOf(r, 50*time.Millisecond, 100*time.Millisecond),
		electionTicks: r.between(4, 10),
		callTimeout:   oneOf(r, 1500*time.Millisecond, 3*time.Second),
		maxEntry:      oneOf(r, 300, 2000, 1<<16),
		maxPending:    oneOf(r, 4500, 1<<18, 1<<20),
		checkpoint:    oneOf(r, 1000, 4000, 20_000, 1<<20),
		keep:          uint64(oneOf(r, 0, 0, 3, 30, 1000)),
		chunk:         oneOf(r, 200, 2000, 1<<16),
		batchKeys:     oneOf(r, 5, 50, 1000),
		logCache:      oneOf(r, 0, 500, 1<<20),
		limits: queue.Limits{
			DeletedQueueWindow: int64(oneOf(r, 0, 0, 500, 3000)),
			PurgeWindow:        int64(oneOf(r, 0, 0, 500, 3000)),
			MaxInFlight:        oneOf(r, 3, 20, 120_000),
			DueBatch:           oneOf(r, 4, 20, 100, 4096),
		},
	}
	switch profile {
	case Lite:
		c.nodes = 3
	case Moves:
		c.groups = oneOf(r, 1, 2, 3, 3)
	}
	return c
}

func drawWork(r random, profile Profile) workPlan {
	w := workPlan{
		clients:   oneOf(r, 4, 6, 8, 10, 14, 30),
		batch:     oneOf(r, 3, 10),
		hop:       oneOf(r, 100*time.Microsecond, 2*time.Millisecond),
		loss:      oneOf(r, 0, 0, 10, 50),
		impatient: oneOf(r, 0, 0, 20, 200),
		strange:   oneOf(r, 0, 10, 40),
		groups:    oneOf(r, 1, 2, 3, 4, 4, 300),
		tenanted:  oneOf(r, 0, 0, 20, 100),
		repeated:  oneOf(r, 0, 10, 40),
		poisoned:  oneOf(r, 0, 0, 0, 30, 70),
	}
	queues := r.between(1, 4)
	switch profile {
	case Deep:
		w.clients *= 2
	case Moves:
		queues, w.poisoned = r.between(2, 4), oneOf(r, 30, 60)
	}
	w.queues = drawQueues(r, queues)
	// About a hundred and fifty operations a second over all clients, so that a run's cost does not depend on the draw.
	w.think = time.Duration(w.clients) * 7 * time.Millisecond
	w.beat, w.together = oneOf(r, 100*time.Millisecond, 500*time.Millisecond), oneOf(r, 0, 20, 70)
	w.weights = drawWeights(r)
	if profile == Moves {
		// Messages are received until they move, and what they move to comes and goes.
		w.weights[actDelete], w.weights[actDeleteBatch] = oneOf(r, 0, 5, 25), 0
		w.weights[actDeleteQueue], w.weights[actCreate] = oneOf(r, 0, 1, 4), 12
		w.weights[actStartTask], w.weights[actCancelTask] = oneOf(r, 3, 10), oneOf(r, 1, 5)
		w.weights[actSetAttributes], w.weights[actPurge] = oneOf(r, 6, 12), oneOf(r, 0, 1, 4)
	}
	if w.poisoned == 0 {
		w.weights[actStartTask] = 0
	} else {
		w.weights[actSetAttributes] = max(w.weights[actSetAttributes], 3)
	}
	return w
}

// drawQueues names the queues of a run: standard ones, FIFO ones, or some of each.
func drawQueues(r random, n int) []string {
	fifo := oneOf(r, 0, 0, 50, 100)
	var names []string
	for i := range n {
		name := fmt.Sprintf("q%d", i)
		if r.chance(fifo) {
			name += ".fifo"
		}
		names = append(names, name)
	}
	return names
}

// drawWeights draws how often clients do what. Sends, receives and deletes are in every run; any other action may be
// missing, and some runs do little else.
func drawWeights(r random) []int {
	weights := make([]int, actions)
	usual := [actions]int{
		actCreate: 4, actDeleteQueue: 1, actURL: 2, actList: 2, actAttributes: 6, actSetAttributes: 3, actPurge: 1,
		actSend: 30, actSendBatch: 10, actReceive: 20, actPoll: 15, actDelete: 25, actDeleteBatch: 6, actChange: 10, actChangeBatch: 5,
		actTag: 1, actUntag: 1, actTags: 1, actPermit: 1, actForbid: 1, actSources: 1, actStartTask: 3, actCancelTask: 1, actTasks: 2,
	}
	for a := range weights {
		weights[a] = usual[a] * oneOf(r, 0, 1, 2, 2, 2, 8)
	}
	for _, a := range []action{actSend, actReceive, actDelete} {
		weights[a] = max(weights[a], usual[a])
	}
	// Queues that are deleted come back.
	weights[actCreate] = max(weights[actCreate], 2*weights[actDeleteQueue])
	return weights
}

// config is what a replica is told.
func (p *Plan) config(id node.NodeID, group node.GroupID, life uint64) node.Config {
	c := &p.cluster
	return node.Config{
		Node: id, Group: group, Life: life, Peers: p.nodes(), Join: p.joins(id), Groups: c.groups, Account: account, Region: region, Limits: c.limits,
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

// oneOf draws one of the values.
func oneOf[T any](r random, values ...T) T { return values[r.IntN(len(values))] }
