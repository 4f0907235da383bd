package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sqsd/node"
)

func TestNetwork(t *testing.T) {
	const frames = 1000
	for _, c := range []struct {
		name     string
		plan     linkPlan
		arrive   func(n int) bool // how many of the frames
		overtake bool
	}{
		{"a good link delivers everything in order", linkPlan{latency: time.Millisecond, jitter: time.Millisecond, ordered: true},
			func(n int) bool { return n == frames }, false},
		{"a link without order lets frames overtake", linkPlan{latency: time.Millisecond, jitter: time.Millisecond},
			func(n int) bool { return n == frames }, true},
		{"a lossy link loses some", linkPlan{latency: time.Millisecond, loss: 300, ordered: true},
			func(n int) bool { return n > frames/2 && n < frames*9/10 }, false},
		{"a repeating link repeats some", linkPlan{latency: time.Millisecond, repeat: 300, ordered: true},
			func(n int) bool { return n > frames*11/10 && n < frames*2 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := quietPlan(3, 2)
			plan.link = c.plan
			w := newWorld(plan, Options{})
			got := collect(w)
			for i := range frames {
				w.network.send(1, 2, 0, fmt.Appendf(nil, "%04d", i))
				w.until(w.now+10*time.Microsecond, nil)
			}
			w.until(w.now+time.Second, nil)
			if !c.arrive(len(*got)) {
				t.Errorf("%d of %d frames arrive", len(*got), frames)
			}
			sorted := slices.IsSortedFunc(*got, func(a, b arrival) int { return slices.Compare([]byte(a.frame), []byte(b.frame)) })
			if sorted == c.overtake {
				t.Errorf("in order: %v", sorted)
			}
		})
	}
}

func TestCutsAreDirectedAndLoseWhatArrivesMeanwhile(t *testing.T) {
	w := newWorld(quietPlan(3, 3), Options{})
	got := collect(w)
	w.network.send(1, 2, 0, []byte("on its way"))
	w.network.cut(func(from, to int) bool { return from == 0 && to == 1 })
	w.network.send(1, 2, 0, []byte("sent while cut"))
	w.network.send(2, 1, 0, []byte("other direction"))
	w.network.send(1, 3, 0, []byte("other link"))
	w.until(w.now+time.Second, nil)
	w.network.heal(func(int) bool { return true })
	w.network.send(1, 2, 0, []byte("healed"))
	w.until(w.now+time.Second, nil)
	var frames []string
	for _, a := range *got {
		frames = append(frames, a.frame)
	}
	slices.Sort(frames)
	if want := []string{"healed", "other direction", "other link"}; !slices.Equal(frames, want) {
		t.Errorf("arrived %q, want %q", frames, want)
	}
}

func TestANodeReachesItselfWhateverIsCut(t *testing.T) {
	plan := quietPlan(3, 3)
	plan.link.loss = 1000
	w := newWorld(plan, Options{})
	got := collect(w)
	w.network.cut(func(int, int) bool { return true })
	w.network.send(2, 2, 0, []byte("loopback"))
	w.until(w.now+time.Millisecond, nil)
	if len(*got) != 1 || (*got)[0].to != node.NodeID(2) {
		t.Errorf("arrived %v", *got)
	}
}

func TestAClogHoldsFramesBackUntilItOpens(t *testing.T) {
	w := newWorld(quietPlan(3, 2), Options{})
	got := collect(w)
	w.network.clog(0, 1, 500*time.Millisecond)
	w.network.send(1, 2, 0, []byte("a"))
	w.until(time.Second, nil)
	if len(*got) != 1 || (*got)[0].at < 500*time.Millisecond {
		t.Errorf("arrived %v, want one frame no earlier than 500ms", *got)
	}
}
