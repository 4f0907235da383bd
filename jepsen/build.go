package jepsen

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build compiles cmd/sqsd into a directory and returns the path of the program. It has a name of its own, so that somebody
// on the machine who ends servers by name does not end those of a test.
func Build(dir string) (string, error) {
	binary := filepath.Join(dir, "jepsen-node")
	output, err := exec.Command("go", "build", "-o", binary, "sqsd/cmd/sqsd").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build cmd/sqsd: %w\n%s", err, output)
	}
	return binary, nil
}
