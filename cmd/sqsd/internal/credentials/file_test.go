package credentials

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fixture is a credentials file that the test changes, and what was logged about it.
type fixture struct {
	*File
	log   bytes.Buffer
	saves int
}

func newFixture(t *testing.T, text string, mode os.FileMode) *fixture {
	t.Helper()
	x := &fixture{File: &File{name: filepath.Join(t.TempDir(), "keys.ini")}}
	x.save(t, text, mode)
	var err error
	x.File, err = Open(x.name, slog.New(slog.NewTextHandler(&x.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// save writes the file in place. Every time is another, however coarse the file system's clock is.
func (x *fixture) save(t *testing.T, text string, mode os.FileMode) {
	t.Helper()
	x.saves++
	at := time.Unix(1_700_000_000+int64(x.saves), 0)
	if err := os.WriteFile(x.name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(x.name, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(x.name, at, at); err != nil {
		t.Fatal(err)
	}
}

// wantSecret checks the secret of the key A; empty means that the key is unknown.
func (x *fixture) wantSecret(t *testing.T, want string) {
	t.Helper()
	if c, known := x.Lookup("A"); c.Secret != want || known != (want != "") {
		t.Errorf("the secret is %q (known: %v), want %q", c.Secret, known, want)
	}
}

func profile(secret string) string {
	return "[a]\naws_access_key_id = A\naws_secret_access_key = " + secret + "\n"
}

func TestAChangedFileIsReadOnceItHasSettled(t *testing.T) {
	x := newFixture(t, profile("first"), 0o600)
	x.wantSecret(t, "first")
	x.save(t, profile("sec"), 0o600) // the writer has not finished
	x.poll()
	x.wantSecret(t, "first")
	x.save(t, profile("second"), 0o600)
	x.poll()
	x.wantSecret(t, "first")
	x.poll()
	x.wantSecret(t, "second")
}

func TestAFilePutInPlaceOfTheOldOneIsRead(t *testing.T) {
	x := newFixture(t, profile("first"), 0o600)
	before, err := os.Stat(x.name)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "new.ini")
	if err := os.WriteFile(other, []byte(profile("other")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(other, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, x.name); err != nil { // same time, same size, another file
		t.Fatal(err)
	}
	x.poll()
	x.poll()
	x.wantSecret(t, "other")
}

func TestABrokenFileKeepsTheOldKeysAndSaysSoOnce(t *testing.T) {
	x := newFixture(t, profile("first"), 0o600)
	x.save(t, "[a]\nnonsense\n", 0o600)
	for range 5 {
		x.poll()
	}
	x.wantSecret(t, "first")
	if said := strings.Count(x.log.String(), "level=ERROR"); said != 1 || !strings.Contains(x.log.String(), "line 2") {
		t.Errorf("logged %d errors:\n%s", said, &x.log)
	}
	x.save(t, profile("mended"), 0o600)
	x.poll()
	x.poll()
	x.wantSecret(t, "mended")
}

func TestAnAbsentFileKeepsTheOldKeysUntilItIsBack(t *testing.T) {
	x := newFixture(t, profile("first"), 0o600)
	if err := os.Remove(x.name); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		x.poll()
	}
	x.wantSecret(t, "first")
	if said := strings.Count(x.log.String(), "level=ERROR"); said != 1 {
		t.Errorf("logged %d errors:\n%s", said, &x.log)
	}
	x.save(t, "[b]\naws_access_key_id = B\naws_secret_access_key = s\n", 0o600)
	x.poll()
	x.poll()
	x.wantSecret(t, "") // the key is gone with the file that had it
}

func TestAFileThatEveryoneMayReadIsWarnedOf(t *testing.T) {
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o602: true} {
		x := newFixture(t, profile("sesame"), mode)
		if got := strings.Contains(x.log.String(), "level=WARN"); got != warned {
			t.Errorf("mode %v: warned %v, want %v", mode, got, warned)
		}
		if strings.Contains(x.log.String(), "sesame") {
			t.Errorf("the log gives away a secret:\n%s", &x.log)
		}
	}
}

func TestOpenRefusesWhatIsNoGoodFile(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, "long.ini")
	if err := os.WriteFile(long, bytes.Repeat([]byte("#"), MaxFileBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		filepath.Join(dir, "absent"): "no such file",
		dir:                          "not a regular file",
		long:                         "more than 1048576 bytes",
	} {
		if _, err := Open(name, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %s", name, err, says)
		}
	}
}
