package model

import (
	"testing"

	"sqsd/wire"
)

// Each read follows a send whose message changes by time alone.
func TestReadsShowWhatWasDueWhenTheyWereCalled(t *testing.T) {
	const reading = 2 // among operations
	delayed := send("q", "a").req.(*wire.SendMessageRequest)
	delayed.DelaySeconds = wire.Int(10)
	short := create("q").req.(*wire.CreateQueueRequest)
	short.Attributes = short.Attributes.With(wire.AttrMessageRetentionPeriod, "60")
	for _, tc := range []struct {
		name  string
		sent  wire.Request
		later wire.Time // the call is made at that time after the last command, or later
		want  Promise
	}{
		{"nothing was due", delayed, 9000, ""},
		{"a delay was over", delayed, 10_000, ReplicatedNow},
		{"a retention was not over", send("q", "a").req, 59_000, ""},
		{"a retention was over", send("q", "a").req, 60_000, ReplicatedNow},
		{"nothing is known of the time", delayed, 0, ""},
	} {
		h := sequence(short, tc.sent, attributes("q").req)
		at := h.Operations[reading].At.Time
		if tc.later > 0 {
			h.Earliest = func(int64) wire.Time { return at + tc.later }
		}
		vs := Replay(h)
		if tc.want == "" && len(vs) > 0 || tc.want != "" && (len(vs) != 1 || vs[0].Promise != tc.want) {
			t.Errorf("%s: got %v, want promise %q broken", tc.name, vs, tc.want)
		}
	}
}
