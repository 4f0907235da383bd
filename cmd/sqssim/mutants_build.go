package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sqsd/sim/mutants"
)

// sourceRoot is the directory of the module's source, at or above the working directory.
func sourceRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod here or above: mutants are built from the source")
		}
	}
}

// build makes a program with the mutant in it.
func (h *hunt) build(m mutants.Mutant) (program string, err error) {
	changed, err := m.Apply(func(file string) (string, error) {
		text, err := os.ReadFile(filepath.Join(h.root, file))
		return string(text), err
	})
	if err != nil {
		return "", err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range changed {
		mutated := filepath.Join(h.dir, m.Name+"-"+strings.ReplaceAll(file, "/", "-"))
		if err := os.WriteFile(mutated, []byte(text), 0o644); err != nil {
			return "", err
		}
		overlay.Replace[filepath.Join(h.root, file)] = mutated
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	overlayFile := filepath.Join(h.dir, m.Name+".json")
	if err := os.WriteFile(overlayFile, list, 0o644); err != nil {
		return "", err
	}
	program = filepath.Join(h.dir, m.Name)
	build := exec.Command("go", "build", "-overlay", overlayFile, "-ldflags=-s -w", "-o", program, "./cmd/sqssim")
	build.Dir = h.root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}
