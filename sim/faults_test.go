package sim

import (
	"fmt"
	"testing"
	"time"

	"sqsd/node"
	"sqsd/wire"
)

func TestFramesQueueForALinkOfBoundedBandwidth(t *testing.T) {
	plan := quietPlan(3, 2)
	plan.link = linkPlan{latency: time.Millisecond, ordered: true, bandwidth: 10_000}
	w := newWorld(plan, Options{})
	got := collect(w)
	frame := make([]byte, 1000-frameOverhead)
	const frames = 100
	for range frames {
		w.network.send(1, 2, 0, frame)
	}
	w.until(time.Minute, nil)
	if most := linkQueue/1000 + 2; len(*got) < most-1 || len(*got) > most {
		t.Errorf("%d of %d frames arrive, want as many as the queue holds: %d", len(*got), frames, most)
	}
	for i := range *got {
		if at := time.Duration(i+1) * 100 * time.Millisecond; (*got)[i].at < at || (*got)[i].at > at+2*time.Millisecond {
			t.Errorf("frame %d arrives at %v, want %v and the latency of the link", i, (*got)[i].at, at)
		}
	}
}

func TestSomeFramesTakeMuchLonger(t *testing.T) {
	plan := quietPlan(3, 2)
	plan.link = linkPlan{latency: time.Millisecond, jitter: time.Millisecond, tail: 20}
	w := newWorld(plan, Options{})
	got := collect(w)
	for range 1000 {
		w.network.send(1, 2, 0, nil)
	}
	w.until(time.Minute, nil)
	late := 0
	for _, a := range *got {
		if a.at > 20*time.Millisecond {
			late++
		}
	}
	if late < 5 || late > 40 {
		t.Errorf("%d of 1000 frames are late, want about 20", late)
	}
}

func TestALinkIsSlowForAWhile(t *testing.T) {
	plan := quietPlan(3, 2)
	plan.link.jitter = 0
	w := newWorld(plan, Options{})
	got := collect(w)
	w.network.send(1, 2, 0, nil)
	w.until(time.Second, nil)
	w.network.slow(0, 1, 2*time.Second)
	w.network.send(1, 2, 0, nil)
	w.until(3*time.Second, nil)
	w.network.send(1, 2, 0, nil)
	w.until(4*time.Second, nil)
	usual := (*got)[0].at
	if took := (*got)[1].at - time.Second; took != slowness*usual {
		t.Errorf("a frame takes %v on a slow link, want %v", took, slowness*usual)
	}
	if took := (*got)[2].at - 3*time.Second; took != usual {
		t.Errorf("a frame takes %v afterwards, want %v", took, usual)
	}
}

func TestAFlapEndsWhole(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096)
	const ms = time.Millisecond
	at := s.now
	s.faults.inject(FaultEvent{Kind: faultFlap, Node: 1, Side: []node.NodeID{2}, Times: []time.Duration{10 * ms, 20 * ms, 10 * ms}})
	for _, c := range []struct {
		at  time.Duration
		cut bool
	}{{5, true}, {15, false}, {35, true}, {45, false}} {
		s.until(at+c.at*ms, nil)
		links := s.network.links
		if links[0][1].cut != c.cut || links[1][0].cut != c.cut || links[0][2].cut || links[2][1].cut {
			t.Errorf("%v ms after the beginning: links %+v, want that between n1 and n2 cut: %v", int(c.at), links, c.cut)
		}
	}
}

func TestAFrozenWallClockIsRightAgain(t *testing.T) {
	now := 10 * time.Second
	c := hardwareClock{now: &now}
	c.freeze()
	now += 300 * time.Millisecond
	if c.wall() != Epoch+10_000 || c.read() != now {
		t.Errorf("the wall clock reads %d, elapsed time is %v", c.wall()-Epoch, c.read())
	}
	c.thaw()
	if c.wall() != Epoch+10_300 {
		t.Errorf("the wall clock reads %d when it goes on", c.wall()-Epoch)
	}
}

func TestASlowNodeAnswersLate(t *testing.T) {
	s := newScene(t, 1, 1, 1<<20, 4096)
	took := func() time.Duration {
		at := s.now
		op := s.ask(&wire.ListQueuesRequest{})
		s.until(s.now+time.Second, func() bool { return op.ended })
		if op.Unknown {
			t.Fatal("no answer")
		}
		return s.now - at
	}
	usual := took()
	s.faults.inject(FaultEvent{Kind: faultSlow, Node: 1, Late: 50 * time.Millisecond, Lasts: time.Second})
	if slow := took(); slow < usual+40*time.Millisecond {
		t.Errorf("an answer takes %v, and %v of a slow node", usual, slow)
	}
}

func TestAFullDeviceGetsSpaceAgain(t *testing.T) {
	s := newScene(t, 3, 1, 1<<20, 4096, "q0")
	s.faults.inject(FaultEvent{Kind: faultFull, Node: 1, Lasts: 2 * time.Second})
	p := s.processes[0]
	for i := 0; s.now < 10*time.Second; i++ {
		s.askAt(1, &wire.CreateQueueRequest{QueueName: fmt.Sprintf("q%d", i)})
		s.until(s.now+100*time.Millisecond, nil)
		if p.alive && p.failedDevice && p.device.failing == nil {
			t.Fatal("a node goes on although its device has refused a write")
		}
	}
	if p.boot < 3 || !p.alive {
		t.Errorf("boot %d, alive %v: want several starts on the full device, and one that lasts", p.boot, p.alive)
	}
	s.converge()
}
