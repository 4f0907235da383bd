package sim

import (
	"fmt"
	"time"

	"sqsd/node/queue"
)

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
	if profile != Lite {
		p.work.drawWatchers(newRandom(seed, "watchers"))
	}
	p.batching = oneOf(r, 0, 20*time.Microsecond, 500*time.Microsecond)
	p.chaos = r.duration(15*time.Second, 35*time.Second)
	p.settle = 2 * time.Second
	if r.chance(15) {
		p.quiet = retention + 2*time.Second
	}
	if r.chance(15) || profile == Moves && r.chance(15) {
		p.lull.from = r.duration(p.chaos/3, p.chaos*2/3)
		p.lull.until = p.lull.from + oneOf(r, retention+r.duration(-4*time.Second, 2*time.Second),
			dedup+r.duration(-600*time.Millisecond, 400*time.Millisecond))
		p.drawEdge(newRandom(seed, "edge"))
		p.chaos += p.lull.until - p.lull.from
		p.clock.drift = min(p.clock.drift, 100) // more would take healthy clocks out of their bound in that time
	}
	p.core = drawCore(newRandom(seed, "core"), p.cluster.nodes)
	p.faults = drawFaults(r, profile, p.cluster.nodes)
	p.faults.drawEcho(newRandom(seed, "echo"), profile, p.cluster.nodes)
	if p.faults.has(func(k *faultKind) bool { return k.apart }) {
		p.link.tail, p.link.bandwidth = 0, 0 // or nodes may have no word of a third clock for long
	}
	switch profile {
	case Lite:
		p.chaos, p.quiet, p.lull = r.duration(5*time.Second, 10*time.Second), 0, lullPlan{}
	case Deep:
		p.chaos = p.chaos*3 - 2*(p.lull.until-p.lull.from)
	}
	p.clock.drift = min(p.clock.drift, int((p.clock.maxSkew-p.clock.skew)*1_000_000/p.chaos)) // or healthy clocks leave their bound
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

// drawEdge moves the end of some lulls to where messages expire one after the other, and sees to it that there are many of
// them: nothing else takes them away, and they can all be received.
func (p *Plan) drawEdge(r random) {
	if p.Profile == Moves || p.lull.until-p.lull.from > dedup/2 || !r.chance(40) {
		return
	}
	p.lull.edge, p.lull.until = true, p.lull.from+retention-dusk
	p.cluster.limits.MaxInFlight = queue.DefaultLimits().MaxInFlight
	w := &p.work
	w.poisoned, w.tenanted = 0, min(w.tenanted, 20)
	for _, a := range []action{actDeleteQueue, actPurge, actStartTask} {
		w.weights[a] = 0
	}
	w.clients = max(w.clients, 30)
	w.pace()
}

// drawUneven draws what makes links and frames differ: in most runs little.
func (l *linkPlan) drawUneven(r random, c *clusterPlan) {
	l.far, l.tail, l.bandwidth = oneOf(r, 0, 0, 20, 60), oneOf(r, 0, 0, 2, 20), oneOf(r, 0, 0, 0, 200_000, 1_000_000)
	if l.far == 0 {
		return
	}
	// Each chunk of a snapshot takes a round trip: tiny ones would take a minute.
	c.chunk = max(c.chunk, 2000)
	// A round trip takes a fifth of the shortest election timeout at most: nobody leads over a slower network.
	l.farther = min(20*l.latency, time.Duration(c.electionTicks)*c.tick/10)
}

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
	case Ruin:
		c.nodes = oneOf(r, 3, 3, 5)
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
	w.pace()
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

// pace makes about a hundred and fifty operations a second over all clients, so that a run's cost does not depend on the draw.
func (w *workPlan) pace() { w.think = time.Duration(w.clients) * 7 * time.Millisecond }

// watching is the mean time between two reads of a watcher.
const watching = 300 * time.Millisecond

// drawWatchers adds clients in some runs whose calls are still to come when those of all others wait for a node that is slow.
func (w *workPlan) drawWatchers(r random) {
	if w.watchers = oneOf(r, 0, 0, 12); w.watchers > 0 {
		w.clients += w.watchers
		w.think = w.think * 5 / 4 // they do a fifth of all
	}
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

// oneOf draws one of the values.
func oneOf[T any](r random, values ...T) T { return values[r.IntN(len(values))] }
