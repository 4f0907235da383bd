package pebbledisk

import (
	"encoding/hex"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

func TestTheLastProofThatCanBeReadCounts(t *testing.T) {
	const first, second = "010000000000000064" + "e987ba96", "0100000000000000c8" + "00000000"
	if got := hex.EncodeToString(appendProof(nil, 100)); got != first {
		t.Errorf("the proof of 100 bytes is %s, want %s: stored files have it", got, first)
	}
	for _, c := range []struct {
		name, file string
		want       int64
	}{
		{"one", first, 100},
		{"damaged", second, 0},
		{"behind it a damaged one", first + second, 100},
		{"behind it a torn one", first + second[:10], 100},
		{"behind it another version", first + "02" + second[2:], 100},
		{"two", first + hex.EncodeToString(appendProof(nil, 200)), 200},
		{"empty", "", 0},
	} {
		fs := vfs.NewMem()
		data, err := hex.DecodeString(c.file)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, fs, "MANIFEST-000001.synced", data)
		if got, err := readProof(fs, "MANIFEST-000001"); got != c.want || err != nil {
			t.Errorf("%s: %d bytes are proven, want %d (%v)", c.name, got, c.want, err)
		}
	}
	if got, err := readProof(vfs.NewMem(), "MANIFEST-000001"); got != 0 || err != nil {
		t.Errorf("no file: %d, %v", got, err)
	}
}
