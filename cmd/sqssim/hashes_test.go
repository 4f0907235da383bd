package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHashesAreWrittenInTheOrderOfSeeds(t *testing.T) {
	name := filepath.Join(t.TempDir(), "hashes")
	all := newTally()
	all.hashes = map[uint64]uint64{10: 0xabc, 9: 1<<64 - 1}
	if err := all.writeHashes(name); err != nil {
		t.Fatal(err)
	}
	const want = "9 ffffffffffffffff\n10 0000000000000abc\n"
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("written is %q, %v; want %q", got, err, want)
	}
}
