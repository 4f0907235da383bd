//go:build interop

package interop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cache is where packages are installed, under the repository's ignored directory.
const cache = "../../../out/interop"

// packages are the pinned packages of one client.
type packages struct {
	needs   []string // programs that must be on the machine
	pins    []string // the files that pin the versions, from the directory of this package
	install [][]string
}

// venv installs the requirements into a virtual environment of its own.
func venv(dir string) packages {
	return packages{
		needs: []string{"python3"}, pins: []string{dir + "/requirements.txt"},
		install: [][]string{
			{"python3", "-m", "venv", "."},
			{"bin/pip", "install", "--quiet", "--no-deps", "-r", "requirements.txt"},
		},
	}
}

// node installs the locked packages of a package.json.
func node(dir string) packages {
	return packages{
		needs: []string{"node", "npm"}, pins: []string{dir + "/package.json", dir + "/package-lock.json"},
		install: [][]string{{"npm", "ci", "--no-audit", "--no-fund"}},
	}
}

// maven collects what a pom.xml depends on in target/dependency.
func maven(dir string) packages {
	return packages{
		needs: []string{"java", "javac", "mvn"}, pins: []string{dir + "/pom.xml"},
		install: [][]string{{"mvn", "-q", "-B", "-Dmaven.repo.local=repository", "dependency:copy-dependencies"}},
	}
}

// module fetches the modules of a go.mod.
func module(dir string) packages {
	return packages{
		needs: []string{"go"}, pins: []string{dir + "/go.mod", dir + "/go.sum"},
		install: [][]string{{"go", "mod", "download"}},
	}
}

// ready installs the packages, unless they are there from an earlier run with the same pins, and returns the directory
// that they are in. Where they cannot be installed it skips the test and says why.
func (p packages) ready(t *testing.T, name string) string {
	t.Helper()
	for _, program := range p.needs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: %s is not on this machine", program)
		}
	}
	dir, err := filepath.Abs(filepath.Join(cache, name+"-"+p.fingerprint(t)))
	if err != nil {
		t.Fatal(err)
	}
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return dir
	}
	copyTo(t, dir, p.pins...)
	for _, words := range p.install {
		install := command(t.Context(), dir, words)
		if out, err := install.CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: %v failed with %v: %s", words, err, out)
		}
	}
	if err := os.WriteFile(done, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fingerprint changes with the contents of the pins.
func (p packages) fingerprint(t *testing.T) string {
	t.Helper()
	hash := sha256.New()
	for _, pin := range p.pins {
		text, err := os.ReadFile(pin)
		if err != nil {
			t.Fatal(err)
		}
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
}

// copyTo puts files of this package's directories into one directory.
func copyTo(t *testing.T, dir string, files ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// command runs in a directory; a first word with a slash is a program in it.
func command(ctx context.Context, dir string, words []string) *exec.Cmd {
	name := words[0]
	if strings.Contains(name, "/") {
		name = filepath.Join(dir, name)
	}
	cmd := exec.CommandContext(ctx, name, words[1:]...)
	cmd.Dir = dir
	return cmd
}
