package model

import "testing"

func TestSearchAcceptsCorrectHistories(t *testing.T) {
	for seed := range uint64(300) {
		h := newWorld(seed, 300, seed%2 == 0).generate()
		for _, p := range Search(h, DefaultSteps()) {
			if p.Verdict != Legal {
				t.Errorf("seed %d: %s %v", seed, p.Verdict, p.violation())
				for i, op := range p.operations {
					t.Logf("  %d: %d..%d %v", p.ids[i], op.Call, op.Return, p.model.DescribeOperation(op.Input, op.Output))
				}
			}
		}
		if t.Failed() {
			break
		}
	}
}
