package load

import (
	"errors"
	"time"

	"sqsd/cmd/sqsbench/internal/client"
)

// After an error a worker pauses, so that a dead server is not called in a tight loop; after so many in a row the
// run is given up.
const (
	errorPause = 20 * time.Millisecond
	maxErrors  = 500
)

// worker is one connection with its measurements.
type worker struct {
	run      *run
	client   *client.Client
	rec      *recorder
	warm     bool      // the warm-up is over
	last     time.Time // end of the last measured call of the kind that the mode measures
	failures int       // in a row

	nextBody   int
	batch      []client.Body
	ids        []string
	deliveries []client.Delivery
}

// newWorker makes the worker of connection i.
func (r *run) newWorker(i int) (*worker, error) {
	w := &worker{run: r, client: r.newClient(i), rec: newRecorder(&r.live), nextBody: i}
	r.workers = append(r.workers, w)
	return w, w.client.UseQueue(r.url)
}

// begin starts a call; the first one after the warm-up starts the measurement.
func (w *worker) begin() time.Time {
	now := time.Now()
	if !w.warm && !now.Before(w.run.measureFrom) {
		w.warm = true
		w.rec.reset()
	}
	return now
}

// end records a call that moved n messages, unless it ended after the deadline. It reports whether the call as a
// whole succeeded.
func (w *worker) end(op operation, start time.Time, n int, err error) (now time.Time, ok bool) {
	now = time.Now()
	late := !w.run.deadline.IsZero() && now.After(w.run.deadline)
	batch, partial := errors.AsType[*client.BatchFailure](err)
	if err == nil || partial {
		w.failures = 0
		if !late {
			if op == w.run.mode.measures {
				w.last = now
			}
			w.rec.done(op, now.Sub(start), n)
		}
	}
	switch {
	case partial:
		w.rec.failed(client.CodeOf(err), batch.Failed)
	case err != nil && !late:
		w.rec.failed(client.CodeOf(err), 1)
		w.pause(err)
	}
	return now, err == nil || partial
}

func (w *worker) pause(err error) {
	if w.failures++; w.failures >= maxErrors {
		w.run.fail(err)
		return
	}
	select {
	case <-w.run.ctx.Done():
	case <-time.After(errorPause):
	}
}

// send sends n messages in one call and returns how many were acknowledged.
func (w *worker) send(n int) int {
	bodies := w.run.bodies
	w.batch, w.ids = w.batch[:0], w.ids[:0]
	for range n {
		w.batch = append(w.batch, bodies[w.nextBody%len(bodies)])
		w.nextBody++
	}
	start := w.begin()
	var err error
	if w.run.cfg.Batch > 1 {
		w.ids, err = w.client.SendBatch(w.batch, w.ids)
	} else {
		var id string
		if id, err = w.client.Send(w.batch[0]); err == nil {
			w.ids = append(w.ids, id)
		}
	}
	w.end(opSend, start, len(w.ids), err)
	if w.run.tracker != nil {
		for _, id := range w.ids {
			w.run.tracker.sent(id)
		}
	}
	return len(w.ids)
}

// receive takes up to limit messages; they are valid until the next call.
func (w *worker) receive(limit int, wait time.Duration) []client.Delivery {
	start := w.begin()
	var err error
	w.deliveries, err = w.client.Receive(limit, wait, w.run.cfg.Visibility, w.deliveries[:0])
	now, ok := w.end(opReceive, start, len(w.deliveries), err)
	if !ok {
		w.run.uncertain.Store(int64(now.Sub(w.run.start)))
		return nil
	}
	if len(w.deliveries) == 0 {
		w.rec.empty++
	}
	if w.run.tracker != nil {
		for _, m := range w.deliveries {
			w.run.tracker.received(m.MessageID, start.Sub(w.run.start), now.Sub(w.run.start))
		}
	}
	return w.deliveries
}

// remove deletes messages, in one call if batches are wanted, and returns how many were acknowledged.
func (w *worker) remove(messages []client.Delivery) int {
	if w.run.cfg.Batch == 1 {
		n := 0
		for i := range messages {
			n += w.removeCall(messages[i : i+1])
		}
		return n
	}
	return w.removeCall(messages)
}

func (w *worker) removeCall(messages []client.Delivery) int {
	start := w.begin()
	var err error
	if w.run.cfg.Batch == 1 {
		err = w.client.Delete(messages[0].ReceiptHandle)
	} else {
		err = w.client.DeleteBatch(messages)
	}
	n := len(messages)
	if batch, ok := errors.AsType[*client.BatchFailure](err); ok {
		n -= batch.Failed
	}
	now, ok := w.end(opDelete, start, n, err)
	if !ok {
		return 0
	}
	if w.run.tracker != nil && err == nil {
		for _, m := range messages {
			w.run.tracker.deletedAt(m.MessageID, now.Sub(w.run.start))
		}
	}
	return n
}

// release gives a message back.
func (w *worker) release(m client.Delivery) {
	if w.run.tracker != nil {
		w.run.tracker.release(m.MessageID)
	}
	start := w.begin()
	err := w.client.Release(m.ReceiptHandle)
	w.end(opRelease, start, 1, err)
}

// consume receives and deletes; it returns how many messages it received.
func (w *worker) consume(limit int, wait time.Duration) int {
	got := w.receive(limit, wait)
	if len(got) > 0 {
		w.remove(got)
	}
	return len(got)
}
