package sim

import (
	"testing"
	"time"

	"sqsd/model"
	"sqsd/wire"
)

func TestCallsTakeEffectNearTheirTrueTime(t *testing.T) {
	const second = int64(time.Second)
	for _, c := range []struct {
		name    string
		at      wire.Time // ms after the start; the call is made at 10 s and answered at 11 s
		read    bool
		strayed bool
		want    model.Promise
	}{
		{"between call and answer", 10_500, false, false, ""},
		{"within the bound of clocks before the call", 9_900, false, false, ""},
		{"long before the call", 9_500, false, false, model.ReplicatedNow},
		{"long after the answer", 11_500, false, false, model.ReplicatedNow},
		{"a read long before the call", 9_500, true, false, ""},
		{"a read long after the answer", 11_500, true, false, model.ReplicatedNow},
		{"a clock went astray", 9_500, false, true, ""},
		{"further off than one that went astray may lead", 9_000, false, true, model.ReplicatedNow},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := quietPlan(1, 3)
			plan.clock = clockPlan{maxSkew: 500 * time.Millisecond, skew: 100 * time.Millisecond}
			w := newWorld(plan, Options{})
			w.faults.strayed = c.strayed
			op := &operation{}
			op.Request, op.Call, op.Return = &wire.DeleteQueueRequest{}, 10*second, 11*second
			op.At = &model.Witness{Time: Epoch + c.at, Read: c.read}
			w.clients.history = append(w.clients.history, op)
			v := w.offTime()
			if v == nil && c.want != "" || v != nil && v.Promise != c.want {
				t.Errorf("got %v, want promise %q broken", v, c.want)
			}
		})
	}
}
