package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHashesAreWrittenInTheOrderOfSeeds(t *testing.T) {
	name := filepath.Join(t.TempDir(), "hashes")
	all := newTally()
	all.latest = map[uint64]traced{10: {hash: 0xabc}, 9: {hash: 1<<64 - 1}}
	if err := all.writeHashes(name); err != nil {
		t.Fatal(err)
	}
	const want = "9 ffffffffffffffff\n10 0000000000000abc\n"
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("written is %q, %v; want %q", got, err, want)
	}
}
