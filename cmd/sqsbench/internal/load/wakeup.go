package load

import (
	"sync"
	"time"
)

// settleIn is how long receives get to reach the server and wait there before messages are sent.
const settleIn = 25 * time.Millisecond

// round is one use of wakeup: as many sends as receives wait.
type round struct {
	mu    sync.Mutex
	sends map[string]sendTimes // by message id
	wakes map[string]time.Time // answers of receives, by message id
}

type sendTimes struct{ call, answer time.Time }

// wakers runs rounds: all consumers wait in a long poll, then the clients together send as many messages.
func (r *run) wakers() []func() {
	var senders, receivers []*worker
	for i := range r.cfg.Clients + r.cfg.Consumers {
		w, err := r.newWorker(i)
		if err != nil {
			return []func(){func() { r.fail(err) }}
		}
		if i < r.cfg.Clients {
			senders = append(senders, w)
		} else {
			receivers = append(receivers, w)
		}
	}
	return []func(){func() {
		for r.claim(len(receivers)) > 0 {
			one := &round{sends: make(map[string]sendTimes), wakes: make(map[string]time.Time)}
			one.play(senders, receivers)
			one.record(senders[0])
		}
	}}
}

func (o *round) play(senders, receivers []*worker) {
	var wait sync.WaitGroup
	for _, w := range receivers {
		wait.Go(func() { o.receive(w) })
	}
	time.Sleep(settleIn)
	for i, w := range senders {
		share := len(receivers) / len(senders)
		if i < len(receivers)%len(senders) {
			share++
		}
		wait.Go(func() {
			for range share {
				o.send(w)
			}
		})
	}
	wait.Wait()
}

func (o *round) receive(w *worker) {
	got := w.receive(1, 20*time.Second)
	now := time.Now()
	if len(got) == 0 {
		return
	}
	o.mu.Lock()
	o.wakes[got[0].MessageID] = now
	o.mu.Unlock()
	w.remove(got)
}

func (o *round) send(w *worker) {
	call := time.Now()
	if w.send(1) == 0 {
		return
	}
	answer := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sends[w.ids[0]] = sendTimes{call, answer}
}

// record adds the round's latencies to one worker's recorder. A receive may be answered before the send that woke it:
// that counts as the least latency.
func (o *round) record(w *worker) {
	w.begin()
	for id, woke := range o.wakes {
		if sent, ok := o.sends[id]; ok {
			w.rec.done(opWakeSent, woke.Sub(sent.answer), 1)
			w.rec.done(opWakeCall, woke.Sub(sent.call), 1)
		}
	}
}
