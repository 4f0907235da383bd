package model

import (
	"slices"
	"testing"
)

func TestLinearAcceptsCorrectHistories(t *testing.T) {
	for seed := range uint64(300) {
		h := newWorld(seed, 300, seed%2 == 0).generate()
		for _, v := range Linear(h) {
			t.Errorf("seed %d: %v", seed, v)
			for _, id := range v.Operations {
				o := h.Operations[id]
				t.Logf("  %d: %d..%d %s -> %s", id, o.Call, o.Return, describeRequest(o.Request), describeAnswer(answer{response: o.Response, err: o.Err}))
			}
		}
		if t.Failed() {
			break
		}
	}
}

var _ = slices.Sort[[]int]
