package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
)

// run is one measurement under way.
type run struct {
	cfg     Config
	mode    mode
	url     string
	bodies  []client.Body
	tracker *tracker // nil if messages are not tracked
	live    live

	ctx         context.Context // ends at the deadline of a timed run, at a failure, or when the caller says so
	fail        context.CancelCauseFunc
	start       time.Time
	measureFrom time.Time
	deadline    time.Time    // zero if the run is not timed
	left        atomic.Int64 // messages not yet claimed; meaningful with Config.Count
	sending     atomic.Int64 // producers that have not finished
	uncertain   atomic.Int64 // when a receive last failed after the call, in nanoseconds since start; 0 if never
	workers     []*worker
}

// Run puts the load on the endpoints and reports what happened. The error says why there was no measurement; errors
// of single calls are in the report.
func Run(ctx context.Context, cfg Config) (Report, error) {
	m, err := cfg.check()
	if err != nil {
		return Report{}, err
	}
	r := &run{cfg: cfg, mode: m}
	if r.bodies, err = makeBodies(cfg.Body); err != nil {
		return Report{}, err
	}
	if cfg.Track && m.receives {
		r.tracker = newTracker(cfg.Visibility)
	}
	setup := r.newClient(0)
	defer setup.Close()
	if r.url, err = setup.CreateQueue(cfg.Queue); err != nil {
		return Report{}, fmt.Errorf("create queue %s at %s: %w", cfg.Queue, cfg.Endpoints[0], err)
	}
	report, err := r.measure(ctx)
	if err != nil {
		return Report{}, err
	}
	if m.settles && r.tracker != nil && ctx.Err() == nil {
		if err := r.settle(ctx); err != nil {
			return Report{}, err
		}
	}
	if r.tracker != nil {
		tally := r.tracker.tally()
		report.Tally = &tally
	}
	if cfg.Fresh {
		if err := setup.DeleteQueue(); err != nil {
			return Report{}, fmt.Errorf("delete queue %s: %w", cfg.Queue, err)
		}
	}
	return report, ctx.Err()
}

// measure runs the workers from warm-up to the end.
func (r *run) measure(ctx context.Context) (Report, error) {
	r.left.Store(r.cfg.Count)
	r.start = time.Now()
	r.measureFrom = r.start
	var release context.CancelFunc = func() {}
	if r.mode.timed {
		r.measureFrom = r.start.Add(r.cfg.Warmup)
		if r.cfg.Duration > 0 {
			r.deadline = r.measureFrom.Add(r.cfg.Duration)
			ctx, release = context.WithDeadline(ctx, r.deadline)
		}
	}
	defer release()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	r.ctx, r.fail = ctx, fail

	var wait sync.WaitGroup
	for _, work := range r.mode.workers(r) {
		wait.Go(work)
	}
	finished := make(chan struct{})
	go func() {
		wait.Wait()
		close(finished)
	}()
	watch := r.watch(finished)
	for _, w := range r.workers {
		w.client.Close()
	}
	if cause := context.Cause(ctx); cause != nil && ctx.Err() == context.Canceled {
		return Report{}, cause
	}
	return r.report(watch), nil
}

// newClient makes the client of connection i; it dials when first used.
func (r *run) newClient(i int) *client.Client {
	endpoint := r.cfg.Endpoints[i%len(r.cfg.Endpoints)]
	return client.New(client.NewConn(endpoint, r.cfg.Signer), r.cfg.Timeout)
}

// makeBodies makes some different bodies of the size, out of letters that do not compress to nothing.
func makeBodies(size int) ([]client.Body, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	random := rand.New(rand.NewPCG(1, uint64(size)))
	bodies := make([]client.Body, max(1, min(64, 4<<20/size)))
	for i := range bodies {
		text := make([]byte, size)
		for j := range text {
			text[j] = letters[random.IntN(len(letters))]
		}
		var err error
		if bodies[i], err = client.NewBody(string(text)); err != nil {
			return nil, err
		}
	}
	return bodies, nil
}

// claim takes up to n of the messages that the run may still send; 0 says that the run is over.
func (r *run) claim(n int) int {
	if r.ctx.Err() != nil {
		return 0
	}
	if r.cfg.Count == 0 {
		return n
	}
	left := r.left.Add(int64(-n))
	return max(0, min(n, n+int(left)))
}

// settle receives what the run left in the queue, so that whatever is still missing then is lost. Messages whose receive
// failed after the call may be hidden: it waits for their timeout.
func (r *run) settle(ctx context.Context) error {
	const limit = 2 * time.Minute
	r.ctx, r.fail = context.WithCancelCause(ctx)
	defer r.fail(nil)
	r.deadline = time.Time{}
	w, err := r.newWorker(0)
	if err != nil {
		return err
	}
	defer w.client.Close()
	end, wait := time.Now().Add(limit), r.cfg.Wait
	for time.Now().Before(end) && r.ctx.Err() == nil {
		if w.consume(10, wait) > 0 {
			continue
		}
		hidden := time.Duration(r.uncertain.Load())
		if hidden == 0 || time.Since(r.start) > hidden+r.cfg.Visibility {
			return nil
		}
		wait = max(wait, time.Second)
	}
	if cause := context.Cause(r.ctx); cause != nil {
		return fmt.Errorf("drain after the run: %w", cause)
	}
	return fmt.Errorf("the queue was not empty %v after the run", limit)
}
