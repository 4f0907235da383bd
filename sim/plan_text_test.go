package sim

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// golden are plans with every kind of line: their text must be read, and written the same, for ever.
var golden = []string{"testdata/all.plan", "testdata/astray.plan", "testdata/upgrade.plan", "testdata/members.plan"}

func readGolden(t testing.TB, file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestThePlanFormatStays(t *testing.T) {
	seen := map[*faultKind]bool{}
	for _, file := range golden {
		text := readGolden(t, file)
		plan, err := ParsePlan(text)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got := plan.Text(""); got != text {
			t.Errorf("%s is written as\n%s", file, got)
		}
		for _, e := range plan.Script.Faults {
			seen[e.Kind] = true
		}
	}
	for _, k := range faultKinds {
		if !seen[k] {
			t.Errorf("no golden plan has a fault of the kind %s", k.word())
		}
	}
}

func TestATextHoldsAllOfAPlan(t *testing.T) {
	for seed := range uint64(200) {
		drawn := NewPlan(seed, Default)
		drawn.Script = &Script{}
		read, err := ParsePlan(drawn.Text(""))
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		for _, part := range [][2]any{
			{drawn.cluster, read.cluster}, {drawn.link, read.link}, {drawn.disk, read.disk}, {drawn.clock, read.clock},
			{drawn.chaos, read.chaos}, {drawn.settle, read.settle}, {drawn.quiet, read.quiet}, {drawn.calm, read.calm},
			{drawn.batching, read.batching}, {drawn.work.hop, read.work.hop}, {drawn.promptness(), read.promptness()},
		} {
			if !reflect.DeepEqual(part[0], part[1]) {
				t.Errorf("seed %d: %+v is read as %+v", seed, part[0], part[1])
			}
		}
	}
}

func TestWhatIsWrongWithAPlanIsSaid(t *testing.T) {
	text := readGolden(t, golden[0])
	for _, c := range []struct{ old, new, want string }{
		{"sqssim plan 1", "sqssim plan 2", `line 1 is "sqssim plan 2", want "sqssim plan 1"`},
		{"nodes 3\n", "", "nodes is missing"},
		{"nodes 3\n", "nodes 3\nnodes 3\n", "nodes is given twice"},
		{"nodes 3\n", "nodes\n", "want a setting and its value"},
		{"nodes 3\n", "nodes 0\n", "nodes is 0, want 1 to 9"},
		{"nodes 3\n", "nodes 3\npods 3\n", `unknown "pods"`},
		{"tick 50ms", "tick 50", `tick "50": time: missing unit`},
		{"tick 50ms", "tick 1us", "want 1ms to 10s"},
		{"profile default", "profile odd", "unknown profile"},
		{"clock-skew 200ms", "clock-skew 1s", "is more than clock-max-skew"},
		{"calm false", "calm true", "in a calm run"},
		{"-> n3 loses", "-> n4 loses", "step #2: there is no node n4"},
		{"#2 client 0", "#2 client 2", "step #2: there is no client 2"},
		{"#2 client 0", "#2 client x", `client "x"`},
		{"#2 client 0", "#1 client 0", "two steps #1"},
		{"loses request", "loses heart", `nothing called "heart" can get lost`},
		{"patience 1.2s", "patience 0s", "patience is 0s"},
		{`"#3/1"`, `"#12/1"`, "#12/1 refers to no earlier step"},
		{"SetQueueAttributes", "SetQueue", `unknown action "SetQueue"`},
		{`"MessageBody":"m-1-1"`, `"Body":"m-1-1"`, `"Body"`},
		{`"MessageBody":"m-1-1"`, `"MessageBody":""`, "MessageBody"},
		{`"VisibilityTimeout":43200`, `"VisibilityTimeout":43201`, "43200"},
		{"fault crash", "fault crush", `unknown fault "crush`},
		{"crash n1 for 800ms", "crash n1", "for is missing"},
		{"crash n1 for 800ms", "crash n9 for 800ms", "no node n9"},
		{"crash n1 for 800ms", "crash for 800ms", `victim "for"`},
		{"crash n1 for 800ms", "crash n1 for -1s", "want 0s to 24h"},
		{"times 20ms,100ms,0s", "times 20ms,100ms", "odd number of times"},
		{"restarts 0s,100ms,2s", "restarts 0s,100ms", "a time for each of 3 nodes"},
		{"group 1 frame", "group 2 frame", "no group 2"},
		{"frame f00102", "frame f0010", "frame"},
		{"frame f00102", "frame 010102", "begins with f0"},
		{"fault jump n1 skew -12.5ms", "fault astray n1 skew 1s for 1s then 0s", "goes astray only"},
		{"skew -12.5ms", "skew -201ms", "leaves clock-skew"},
		{"ppm -100", "ppm -101", "leaves clock-drift"},
		{"fault jump n1 skew -12.5ms", "fault join n1", "in the cluster from the beginning"},
		{"fault jump n1 skew -12.5ms", "fault join n4", "no node n4"},
		{"link-latency", "link-farther 2m\nlink-latency", "link-farther is 2m, want 0s to 1m0s"},
		{"link-latency", "core n1,n2\nlink-latency", "disks lie only in a plan without core"},
		{"groups 2\n", "groups 2\nspares 5\n", "spares is 5, want 0 to 4"},
		{"10ms #0", "10 #0", `time "10"`},
		{"10ms #0", "10ms 0", "want fault, or a step's number"},
	} {
		if strings.Count(text, c.old) < 1 {
			t.Fatalf("the golden plan has no %q", c.old)
		}
		_, err := ParsePlan(strings.Replace(text, c.old, c.new, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in the place of %q gives %v, want %q", c.new, c.old, err, c.want)
		}
	}
}

func FuzzPlanText(f *testing.F) {
	for _, file := range golden {
		f.Add(readGolden(f, file))
	}
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := ParsePlan(text)
		if err != nil {
			return
		}
		written := plan.Text("")
		again, err := ParsePlan(written)
		if err != nil {
			t.Fatalf("what was read is written as\n%s\nwhich is refused: %v", written, err)
		}
		if again.Text("") != written {
			t.Errorf("%s\nis read and written as\n%s", written, again.Text(""))
		}
	})
}
