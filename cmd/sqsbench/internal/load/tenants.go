package load

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// dwells is when the messages of tenants were sent and received.
type dwells struct {
	mu       sync.Mutex
	sent     map[string]departure // by message id
	received map[string]time.Time // answers of receives, by message id
}

type departure struct {
	call  time.Time // of the send
	dwell operation
}

// tenants runs one noisy tenant, who sends as fast as it goes, the quiet ones, who send now and then, and consumers who
// hold each message for a while. The run ends when all is received and no delay goes on.
func (r *run) tenants() []func() {
	d := &dwells{sent: make(map[string]departure), received: make(map[string]time.Time)}
	r.sending.Store(int64(r.cfg.Clients + r.cfg.Tenants))
	all := r.each(0, r.cfg.Clients, func(w *worker) {
		defer r.sending.Add(-1)
		w.speakFor("noisy")
		w.client.UseDelay(r.cfg.Delay)
		for n := r.claim(r.cfg.Batch); n > 0; n = r.claim(r.cfg.Batch) {
			d.send(w, n, opDwellNoisy)
		}
		w.hold(r.cfg.Delay)
	})
	for i := range r.cfg.Tenants {
		all = append(all, r.each(r.cfg.Clients+i, 1, func(w *worker) {
			defer r.sending.Add(-1)
			w.speakFor(fmt.Sprintf("quiet-%d", i))
			d.sendNowAndThen(w)
		})...)
	}
	all = append(all, r.each(r.cfg.Clients+r.cfg.Tenants, r.cfg.Consumers, d.consume)...)
	return []func(){func() {
		var wait sync.WaitGroup
		for _, work := range all {
			wait.Go(work)
		}
		wait.Wait()
		d.record(r.workers[0])
	}}
}

// speakFor makes a tenant the sender of the messages.
func (w *worker) speakFor(tenant string) {
	if !w.run.cfg.Groups {
		return
	}
	if err := w.client.UseGroup(tenant); err != nil {
		w.run.fail(err)
	}
}

// sendNowAndThen sends one message in every period, until the duration is over.
func (d *dwells) sendNowAndThen(w *worker) {
	period := time.NewTicker(time.Duration(float64(time.Second) / w.run.cfg.Rate))
	defer period.Stop()
	end := time.NewTimer(time.Until(w.run.start.Add(w.run.cfg.Duration)))
	defer end.Stop()
	for {
		select {
		case <-w.run.ctx.Done():
			return
		case <-end.C:
			return
		case <-period.C:
			d.send(w, 1, opDwellQuiet)
		}
	}
}

func (d *dwells) send(w *worker, n int, dwell operation) {
	call := time.Now()
	w.send(n)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range w.ids {
		d.sent[id] = departure{call, dwell}
	}
}

// consume receives one message at a time, holds it and deletes it, until nobody sends any more and the queue is empty.
// It holds some longer than others, or all consumers would come back at the same time.
func (d *dwells) consume(w *worker) {
	for w.run.ctx.Err() == nil {
		last := w.run.sending.Load() == 0
		got := w.receive(1, w.run.cfg.Wait)
		now := time.Now()
		if len(got) == 0 {
			if last {
				return
			}
			continue
		}
		d.mu.Lock()
		if _, again := d.received[got[0].MessageID]; !again {
			d.received[got[0].MessageID] = now
		}
		d.mu.Unlock()
		w.hold(w.run.cfg.Hold/2 + rand.N(w.run.cfg.Hold+1))
		if w.run.cfg.Fails && w.run.sending.Load() > 0 && d.isNoisy(got[0].MessageID) {
			w.release(got[0])
		} else {
			w.remove(got)
		}
	}
}

// isNoisy says whether a message is of the noisy tenant. It is not known before its send was answered.
func (d *dwells) isNoisy(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sent[id].dwell == opDwellNoisy
}

// hold waits, unless the run ends before.
func (w *worker) hold(d time.Duration) {
	select {
	case <-w.run.ctx.Done():
	case <-time.After(d):
	}
}

// record adds how long each message waited to one worker's recorder.
func (d *dwells) record(w *worker) {
	w.begin()
	for id, at := range d.received {
		if sent, ok := d.sent[id]; ok {
			w.rec.done(sent.dwell, at.Sub(sent.call), 1)
		}
	}
}
