package sim

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"slices"
	"time"

	"sqsd/model"
	"sqsd/node"
)

// Options are how a run is watched; they do not change what happens in it.
type Options struct {
	// Trace receives the text of everything that happens; nil for none.
	Trace io.Writer
	// Watch is told everything that happens, in order; nil for nobody.
	Watch func(Event)
	// Pebble keeps the nodes' stores on real Pebble over a memory file system.
	Pebble bool
}

// Report is what came of a run.
type Report struct {
	// Plan is that of the run, with a script of what was done, whether or not the run followed one. A run of it has the
	// same trace.
	Plan Plan
	// Hash is the digest of everything that happened. It is a function of seed, profile and code.
	Hash uint64
	// Violation is the first broken promise, nil if none was found.
	Violation *model.Violation
	// Also are the other violations that the checkers found; they often follow from one cause.
	Also []*model.Violation
	// Unknown names checks that ended without a verdict.
	Unknown []string
	// Offending are the parts of the history that porcupine found illegal.
	Offending []*model.Partition
	// Virtual is the virtual time that the run took.
	Virtual time.Duration
	// Events, Operations and Commands count what happened: events of the queue, calls of clients, commands in the logs.
	Events, Operations, Commands int
	// Marks counts the rare situations that were reached, by name.
	Marks map[string]int
	// History is what the checkers were given, or as much as there was when a replica broke a promise.
	History model.History
}

// World is one run.
type World struct {
	scheduler
	plan       Plan
	trace      *trace
	watch      func(Event) // nil if nobody watches
	random     streams
	processes  []*process // by number; the spare ones come last
	operator   *operator
	network    *network
	clients    *clients
	faults     *faults
	observer   *observer
	formats    *formats
	lastLeader []node.NodeID // by group: who was last seen to begin to lead; 0 if nobody
	marks      map[string]int
	coreAlone  bool             // only the plan's core has healed
	met        time.Duration    // when all nodes had met; 0 before
	steady     time.Duration    // when the last sync is done that was slow because of a stall
	healed     time.Duration    // when nothing went wrong any more; 0 before
	recovered  time.Duration    // when everything had recovered after healing; 0 before
	drained    time.Duration    // when all queues were seen empty at the end; 0 before
	difference *model.Violation // the first that was seen between replicas, or in a store
	working    working          // the replica that is at work
	divergent  *model.Commit    // what the second replica made of a command, if that is the difference
}

// working is a replica of a node.
type working struct {
	node  node.NodeID // 0 for none
	group int
}

// streams are the random streams of what has no stream of its own.
type streams struct{ network, disk, clocks, schedule, spares, inspections random }

// stop unwinds a run that has broken a promise.
type stop struct{ violation *model.Violation }

// violate ends the run: a promise is broken.
func (w *World) violate(promise model.Promise, queue, format string, args ...any) {
	panic(stop{&model.Violation{Promise: promise, Queue: queue, Text: fmt.Sprintf(format, args...)}})
}

// Run makes the run of a plan. Only one run at a time may happen in a process.
func Run(plan Plan, options Options) *Report {
	defer seedRaft(plan.environment())()
	w := newWorld(plan, options)
	report := &Report{Plan: plan}
	report.Violation = w.run()
	report.Plan.Script = &Script{Steps: w.clients.script, Faults: w.faults.script}
	for _, p := range w.processes {
		p.close()
	}
	report.History = w.history()
	if report.Violation == nil || w.difference != nil {
		report.judge(w)
	}
	report.Hash, report.Virtual, report.Marks = w.trace.sum(), w.now, w.marks
	report.Events, report.Operations, report.Commands = int(w.events), len(report.History.Operations), len(w.observer.all)
	return report
}

func newWorld(plan Plan, options Options) *World {
	w := &World{plan: plan, watch: options.Watch, marks: map[string]int{}, lastLeader: make([]node.NodeID, plan.cluster.groups)}
	w.trace = newTrace(&w.now, options.Trace)
	w.random = streams{
		network: newRandom(plan.environment(), "network"), disk: newRandom(plan.environment(), "disk"),
		clocks: newRandom(plan.environment(), "clocks"), schedule: newRandom(plan.environment(), "schedule"),
		spares: newRandom(plan.environment(), "spares"), inspections: newRandom(plan.environment(), "inspections"),
	}
	nodes := plan.cluster.nodes + plan.cluster.spares
	w.network = newNetwork(w, plan.link, nodes)
	w.observer = newObserver(w)
	w.formats = newFormats(w)
	w.clients = newClients(w)
	w.faults = newFaults(w)
	w.operator = newOperator(w)
	for i := range nodes {
		w.processes = append(w.processes, newProcess(w, node.NodeID(i+1), options.Pebble))
	}
	return w
}

// run goes through the phases of a run and returns the promise that was broken, if any.
func (w *World) run() *model.Violation {
	return w.guard(func() {
		w.boot()
		w.phase("chaos")
		w.clients.start()
		w.faults.start()
		w.inspect()
		w.until(w.plan.chaos, w.inRuins)
		w.recover()
	})
}

// guard runs a part of a run and returns the promise that it broke, if any.
func (w *World) guard(part func()) (violation *model.Violation) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stop:
			violation = r.violation
			w.record(Event{Kind: EventViolation, Text: violation.Error()})
			w.trace.printf(0, "%v", violation)
		default:
			where := ""
			if w.working.node != 0 {
				where = fmt.Sprintf("node %d, group %d: ", w.working.node, w.working.group)
			}
			violation = &model.Violation{
				Promise: model.NothingSilent, Text: fmt.Sprintf("%s%s%v\n%s", panicked, where, r, debug.Stack()),
			}
			w.record(Event{Kind: EventViolation, Text: violation.Error()})
		}
	}()
	part()
	return nil
}

// cluster are the nodes that take part, whether or not they are up.
func (w *World) cluster() []*process {
	var list []*process
	for _, p := range w.processes {
		if p.inCluster() {
			list = append(list, p)
		}
	}
	return list
}

// boot starts all nodes.
func (w *World) boot() {
	for _, p := range w.processes {
		p.start()
	}
}

// recover heals the core, if the plan has one and the nodes have met, and then everything, and demands that what was asked is
// answered, that nodes have ended whose disks lie, that all queues can be drained, and that replicas agree.
func (w *World) recover() {
	if len(w.plan.core) > 0 && w.formed() {
		w.liveCore()
	}
	w.phase("heal")
	w.healed = w.now
	w.faults.heal(func(int) bool { return true })
	w.until(w.now+w.plan.settle, nil)
	w.clients.stopped = true
	w.operator.finish()
	w.finishCalls()
	w.allRefused()
	if w.ruined() {
		w.mark("lie: the cluster need not go on")
		w.compareSound()
		return
	}

	w.phase("quiet")
	w.until(max(w.now+w.plan.quiet, w.steady), nil)
	w.compareSound()

	w.phase("drain")
	w.drain()

	w.converge()
	w.spreadOut()
	w.trimmed()
	w.giveUps()
}

// giveUps waits until clients whose answers were lost have given up, however long they wait.
func (w *World) giveUps() {
	waits := func(op *operation) bool { return !op.ended }
	w.until(w.now+time.Minute, func() bool { return !slices.ContainsFunc(w.clients.history, waits) })
	w.nothingLeft()
	w.idle()
}

func (w *World) phase(name string) {
	w.trace.hash(kindPhase, 0, uint64(len(name)))
	w.trace.printf(0, "phase: %s", name)
	w.record(Event{Kind: EventPhase, Text: name})
}

// finishCalls waits until every client has an answer or has given up, and every node has forgotten its calls.
func (w *World) finishCalls() {
	var longest time.Duration
	for _, op := range w.clients.history {
		longest = max(longest, w.plan.patience(op.Request))
	}
	done := func() bool {
		for _, calls := range w.clients.inFlight {
			if len(calls) > 0 {
				return false
			}
		}
		return w.clients.open == 0
	}
	if !w.until(w.now+longest+recovery, done) {
		for _, calls := range w.clients.inFlight {
			for _, op := range calls {
				w.violate(model.Live, queueOf(op.Request), "operation %d at node %d has no answer %v after everything healed: %s",
					op.ID, op.node.id, longest+recovery, describeRequest(op.Request))
			}
		}
	}
	w.until(w.now+time.Second, nil) // the last answers reach their clients
}

// history is what the run showed.
func (w *World) history() model.History {
	h := model.History{
		Operations: w.clients.operations(), Commits: w.observer.all, Config: w.plan.modelConfig(),
		Tolerance: int64(w.tolerance()), Earliest: w.earliest, DrainedAt: int64(w.drained),
	}
	h.Disturbed, h.Promptness = w.disturbed(), int64(w.plan.promptness())
	return h
}

// disturbed are the periods in which long polls need not be answered promptly: until everything has recovered, or in a
// calm run around every change of leader.
func (w *World) disturbed() []model.Span {
	if !w.plan.calm {
		return []model.Span{{From: 0, To: cmp.Or(int64(w.recovered), math.MaxInt64)}}
	}
	around := time.Duration(w.plan.cluster.electionTicks+2) * w.plan.cluster.tick
	var spans []model.Span
	for _, at := range w.observer.elections {
		spans = append(spans, model.Span{From: int64(at - 2*around), To: int64(at + around)})
	}
	return spans
}

// tolerance bounds how far a span of replicated time may differ from the same span of true time.
func (w *World) tolerance() time.Duration {
	skew := w.plan.clock.skew + w.faults.froze
	if w.faults.strayed {
		skew = max(skew, w.plan.clock.maxSkew)
	}
	return 2*skew + scale(w.now, 2*int64(w.plan.clock.drift)) + 5*time.Millisecond
}
