package pebbledisk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/node/disk"
)

// writeCommits writes n synced batches, the i-th of which sets key i, and returns the file system after a crash.
func writeCommits(t *testing.T, role Role, n, valueBytes int) *vfs.MemFS {
	t.Helper()
	fs := vfs.NewCrashableMem()
	db, err := Open(Options{Dir: "db", FS: fs}, role)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		value := make([]byte, valueBytes)
		for j := range value {
			value[j] = byte(rng.Uint32())
		}
		var b disk.Batch
		b.Set(fmt.Appendf(nil, "k%04d", i), value)
		if err := db.Commit(&b); err != nil {
			t.Fatal(err)
		}
	}
	crashed := fs.CrashClone(vfs.CrashCloneCfg{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return crashed
}

// countKeys opens the store and counts the keys, which must be k0000, k0001 and so on.
func countKeys(t *testing.T, fs vfs.FS, role Role) (n int, err error) {
	t.Helper()
	db, err := Open(Options{Dir: "db", FS: fs}, role)
	if err != nil {
		return 0, err
	}
	err = db.Scan([]byte("a"), []byte("z"), func(key, _ []byte) bool {
		if string(key) != fmt.Sprintf("k%04d", n) {
			t.Fatalf("key %d is %q: not a prefix", n, key)
		}
		n++
		return true
	})
	return n, errors.Join(err, db.Close())
}

func TestDamageInTheLogIsNotTakenForItsEnd(t *testing.T) {
	const commits = 60
	for _, valueBytes := range []int{10, 1000, 9000, 70_000} {
		t.Run(fmt.Sprintf("values=%d", valueBytes), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(2, 2))
			crashed := writeCommits(t, Log, commits, valueBytes)
			found := 0
			for range 40 {
				fs := crashed.CrashClone(vfs.CrashCloneCfg{})
				var at int64
				flipIn(t, fs, "db", newest(t, fs), func(size int64) int64 {
					at = rng.Int64N(size - int64(valueBytes) - 100) // before the last record
					return at
				})
				n, err := countKeys(t, fs, Log)
				switch {
				case errors.Is(err, disk.ErrCorrupt):
					found++
				case err != nil:
					t.Fatalf("a flipped bit at %d: %v", at, err)
				case n != commits:
					t.Fatalf("a flipped bit at %d silently cost %d of %d synced batches", at, commits-n, commits)
				}
			}
			if found == 0 {
				t.Error("no damage was found at all")
			}
		})
	}
}

func newest(t *testing.T, fs vfs.FS) string {
	t.Helper()
	names, err := fs.List("db")
	if err != nil {
		t.Fatal(err)
	}
	name, _ := newestLog(names)
	return name
}

func TestATornEndOfTheLogIsAccepted(t *testing.T) {
	crashed := writeCommits(t, Log, 20, 3000)
	for _, keep := range []int64{0, 1, 100, 20_000, 32 << 10, 33_000, 50_000} {
		fs := crashed.CrashClone(vfs.CrashCloneCfg{})
		cutIn(t, fs, "db", ".log", keep)
		n, err := countKeys(t, fs, Log)
		if err != nil || int64(n) > keep/3000 {
			t.Errorf("a log cut at %d opens with %d batches, %v", keep, n, err)
		}
	}
}

func TestDamageInTheManifestIsNotTakenForItsEnd(t *testing.T) {
	crashed := writeCommits(t, State, 12, 100)
	size := int64(0)
	flipIn(t, crashed.CrashClone(vfs.CrashCloneCfg{}), "db", "MANIFEST-", func(s int64) int64 { size = s; return 0 })
	found := 0
	for at := int64(0); at < size; at += 7 {
		fs := crashed.CrashClone(vfs.CrashCloneCfg{})
		flipIn(t, fs, "db", "MANIFEST-", func(int64) int64 { return at })
		if n, err := countKeys(t, fs, State); errors.Is(err, disk.ErrCorrupt) {
			found++
		} else if n != 12 {
			t.Fatalf("a flipped bit at %d of %d opens with %d of 12 keys, %v", at, size, n, err)
		}
	}
	if found == 0 {
		t.Error("no damage was found at all")
	}
}

func TestAStoreWithoutItsMarkerIsNotTakenForANewOne(t *testing.T) {
	crashed := writeCommits(t, State, 3, 100)
	names, err := crashed.List("db")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "marker.manifest") {
			if err := crashed.Remove("db/" + name); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, err := countKeys(t, crashed, State); !errors.Is(err, disk.ErrCorrupt) {
		t.Errorf("without its marker the store opens with %d of 3 keys, %v; want ErrCorrupt", n, err)
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte("not a journal"))
	f.Add(make([]byte, journalBlock+100))
	f.Fuzz(func(t *testing.T, data []byte) {
		fs := vfs.NewMem()
		writeFile(t, fs, "000007.log", data)
		for _, j := range []journal{
			{parse: parseManifestChunk, visit: (&manifestCheck{}).visit},
			{parse: logParser(7), visit: (&logCheck{}).visit},
		} {
			if err := j.check(fs, "000007.log"); err != nil && !errors.Is(err, disk.ErrCorrupt) {
				t.Errorf("check failed with %v", err)
			}
		}
	})
}

// cutIn shortens the file of dir whose name contains part.
func cutIn(t *testing.T, fs vfs.FS, dir, part string, keep int64) {
	t.Helper()
	name := filesIn(t, fs, dir, part)[0]
	f, err := fs.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, keep)
	if _, err := f.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, fs, name, data)
}

func writeFile(t *testing.T, fs vfs.FS, name string, data []byte) {
	t.Helper()
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
