package load

import "time"

// each makes one worker per connection, numbered from first, that does work.
func (r *run) each(first, n int, work func(*worker)) []func() {
	all := make([]func(), n)
	for i := range all {
		w, err := r.newWorker(first + i)
		all[i] = func() {
			if err != nil {
				r.fail(err)
				return
			}
			work(w)
		}
	}
	return all
}

// senders send until the run is over.
func (r *run) senders() []func() {
	return r.each(0, r.cfg.Clients, func(w *worker) {
		for n := r.claim(r.cfg.Batch); n > 0; n = r.claim(r.cfg.Batch) {
			for n > 0 {
				acknowledged := w.send(n)
				if r.mode.timed || r.ctx.Err() != nil {
					break
				}
				n -= acknowledged // prefill owes the messages that were refused
			}
		}
	})
}

// loopers send, receive as many and delete them. A receive may return what another connection sent.
func (r *run) loopers() []func() {
	return r.each(0, r.cfg.Clients, func(w *worker) {
		for n := r.claim(r.cfg.Batch); n > 0; n = r.claim(r.cfg.Batch) {
			start := time.Now()
			if w.send(n) == 0 {
				continue
			}
			if got := w.consume(n, r.cfg.Wait); got > 0 {
				w.end(opLoop, start, got, nil)
			}
		}
	})
}

// cyclers are producers and consumers apart; a producer waits while the backlog is full.
func (r *run) cyclers() []func() {
	room := make(chan struct{}, r.cfg.Backlog)
	for range r.cfg.Backlog {
		room <- struct{}{}
	}
	r.sending.Store(int64(r.cfg.Clients))
	producers := r.each(0, r.cfg.Clients, func(w *worker) {
		defer r.sending.Add(-1)
		for n := r.claim(r.cfg.Batch); n > 0; n = r.claim(r.cfg.Batch) {
			if !r.take(room, n) {
				return
			}
			free(room, n-w.send(n))
		}
	})
	consumers := r.each(r.cfg.Clients, r.cfg.Consumers, func(w *worker) {
		for r.ctx.Err() == nil {
			last := r.sending.Load() == 0
			got := w.consume(r.cfg.Batch, r.cfg.Wait)
			if got == 0 && last {
				return
			}
			free(room, got)
		}
	})
	return append(producers, consumers...)
}

// take waits for room for n messages; false says that the run is over.
func (r *run) take(room chan struct{}, n int) bool {
	for range n {
		select {
		case <-room:
		case <-r.ctx.Done():
			return false
		}
	}
	return true
}

// free gives room back. Messages that were in the queue before the run do not make more than there was.
func free(room chan struct{}, n int) {
	for range n {
		select {
		case room <- struct{}{}:
		default:
		}
	}
}

// drainers receive and delete until the queue is empty.
func (r *run) drainers() []func() {
	return r.each(0, r.cfg.Clients, func(w *worker) {
		for r.ctx.Err() == nil && w.rec.empty == 0 {
			w.consume(r.cfg.Batch, r.cfg.Wait)
		}
	})
}
