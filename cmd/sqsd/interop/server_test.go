//go:build interop

package interop

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	region    = "eu-central-1"
	accessKey = "AKIDINTEROP"
	secretKey = "interop/secret+key"
)

// patience bounds the server's start and its end.
const patience = 30 * time.Second

var endpointPattern = regexp.MustCompile(`at (http://\S+)`)

// signed are the settings of a server that checks signatures.
func signed(t *testing.T) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "credentials")
	keys := "[interop]\naws_access_key_id = " + accessKey + "\naws_secret_access_key = " + secretKey + "\n"
	if err := os.WriteFile(file, []byte(keys), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--region", region, "--credentials", file}
}

// build makes the server's binary, once.
var build = sync.OnceValues(func() (string, error) {
	binary, err := filepath.Abs(filepath.Join(cache, "sqsd"))
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", binary, "sqsd/cmd/sqsd").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, nil
})

// startServer runs sqsd on a port of its own; it returns the server's URL.
func startServer(t *testing.T, settings ...string) string {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(binary, append(settings, "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())...)
	server.Stderr = os.Stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, server) })
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if m := endpointPattern.FindStringSubmatch(lines.Text()); m != nil {
			waitReady(t, m[1])
			return m[1]
		}
	}
	t.Fatal("sqsd ended before it said where it listens")
	return ""
}

func stop(t *testing.T, server *exec.Cmd) {
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	kill := time.AfterFunc(patience, func() { _ = server.Process.Kill() })
	defer kill.Stop()
	if err := server.Wait(); err != nil {
		t.Errorf("sqsd ended with %v", err)
	}
}

// waitReady waits until every group has a leader.
func waitReady(t *testing.T, endpoint string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(endpoint + "/health/ready")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatal("sqsd did not become ready")
}
