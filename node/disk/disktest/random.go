package disktest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sqsd/node/disk"
)

// randomWrites keeps a map next to the store and compares both, also through a snapshot taken on the way.
func randomWrites(t *testing.T, o Opened) {
	rng := rand.New(rand.NewPCG(1, 2))
	model := map[string]string{}
	var old disk.Snapshot
	var oldModel string
	for step := range 300 {
		var b disk.Batch
		for range 1 + rng.IntN(6) {
			randomWrite(rng, &b, model)
		}
		if rng.IntN(4) == 0 {
			o.Store.Sync(&b, func(err error) {
				if err != nil {
					t.Error(err)
				}
			})
			o.RunEvents()
		} else if err := o.Store.Apply(&b); err != nil {
			t.Fatal(err)
		}
		wantAll(t, o.Store, render(model))
		if old != nil {
			wantAll(t, old, oldModel)
		}
		if step%50 == 10 {
			if old != nil {
				if err := old.Close(); err != nil {
					t.Fatal(err)
				}
			}
			old, oldModel = o.Store.Snapshot(), render(model)
		}
		if t.Failed() {
			t.Fatalf("at step %d", step)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
}

// randomWrite adds one write to the batch and to the model. Keys "s…" are only set when absent and only removed by
// SingleDelete, as its contract demands.
func randomWrite(rng *rand.Rand, b *disk.Batch, model map[string]string) {
	key := fmt.Sprintf("k%02d", rng.IntN(40))
	once := fmt.Sprintf("s%02d", rng.IntN(10))
	value := fmt.Sprintf("%d", rng.Uint32())
	switch rng.IntN(8) {
	case 0, 1, 2:
		b.Set([]byte(key), []byte(value))
		model[key] = value
	case 3, 4:
		b.Delete([]byte(key))
		delete(model, key)
	case 5:
		hi := fmt.Sprintf("k%02d", rng.IntN(40))
		b.DeleteRange([]byte(key), []byte(hi))
		maps.DeleteFunc(model, func(k, _ string) bool { return k >= key && k < hi })
	default:
		if _, there := model[once]; there {
			b.SingleDelete([]byte(once))
			delete(model, once)
			return
		}
		b.Set([]byte(once), []byte(value))
		model[once] = value
	}
}

func render(model map[string]string) string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(model)) {
		all = append(all, k+"="+model[k])
	}
	return strings.Join(all, " ")
}
