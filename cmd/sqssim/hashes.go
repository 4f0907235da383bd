package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
)

// writeHashes writes the trace hash of every seed, a line each, so that sweeps of two machines or builds can be compared.
func (t *tally) writeHashes(name string) error {
	var b bytes.Buffer
	for _, seed := range slices.Sorted(maps.Keys(t.latest)) {
		fmt.Fprintf(&b, "%d %016x\n", seed, t.latest[seed].hash)
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}
