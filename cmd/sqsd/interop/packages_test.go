//go:build interop

package interop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cache is where packages are installed, under the repository's ignored directory.
const cache = "../../../out/interop"

// installTime bounds the installation of one client's packages.
const installTime = 3 * time.Minute

// unavailable is what installers say when they do not reach their registry, or when the machine has a Python without
// ensurepip. Other failures, such as a pin that does not exist, are failures of the test.
var unavailable = regexp.MustCompile(`(?i)ensurepip is not|name resolution|getaddrinfo|no such host|unknown ?host|` +
	`connection (was )?(refused|reset|broken)|connection error|connect timed out|read timed out|network is unreachable|` +
	`ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|i/o timeout|TLS handshake timeout|` +
	`(429 too many|500 internal|502 bad|503 service|504 gateway)[^\n]*|code E(429|50\d)`)

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

// copyDependencies is the goal of Maven, named in full: with its short name Maven does not say why it cannot be had.
const copyDependencies = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

// maven collects what a pom.xml depends on in target/dependency.
func maven(dir string) packages {
	return packages{
		needs: []string{"java", "javac", "mvn"}, pins: []string{dir + "/pom.xml"},
		install: [][]string{{"mvn", "-q", "-B", "-U", "-Dmaven.repo.local=repository", copyDependencies}},
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
// that they are in. Where they cannot be had it skips the test of the client and says why.
func (p packages) ready(t *testing.T, name string) string {
	t.Helper()
	for _, program := range p.needs {
		if _, err := exec.LookPath(program); err != nil {
			skip(t, fmt.Errorf("%s is not on this machine", program))
		}
	}
	dir, err := filepath.Abs(filepath.Join(cache, name+"-"+p.fingerprint(t)))
	if err != nil {
		t.Fatal(err)
	}
	once, _ := installs.LoadOrStore(dir, sync.OnceValue(func() error { return p.installIn(dir) }))
	switch err := once.(func() error)(); {
	case errors.Is(err, errUnavailable):
		skip(t, err)
	case err != nil:
		t.Fatal(err)
	}
	return dir
}

// installs are functions that install, by directory.
var installs sync.Map

var errUnavailable = errors.New("cannot be had here")

func (p packages) installIn(dir string) error {
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	if err := copyTo(dir, p.pins...); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTime)
	defer cancel()
	for _, words := range p.install {
		out, err := command(ctx, dir, words).CombinedOutput()
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return fmt.Errorf("%w: %v was not done within %v", errUnavailable, words, installTime)
		case unavailable.Match(out):
			return fmt.Errorf("%w: %v says %s", errUnavailable, words, unavailable.Find(out))
		default:
			return fmt.Errorf("%v: %w: %s", words, err, out)
		}
	}
	return os.WriteFile(done, nil, 0o644)
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
func copyTo(dir string, files ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// command runs in a directory; a first word with a slash is a program in it. When it is cut short, all that it started
// is killed with it.
func command(ctx context.Context, dir string, words []string) *exec.Cmd {
	name := words[0]
	if strings.Contains(name, "/") {
		name = filepath.Join(dir, name)
	}
	cmd := exec.CommandContext(ctx, name, words[1:]...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}
