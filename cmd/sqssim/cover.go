package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sqsd/cmd/sqssim/internal/coverage"
)

// coveragePage is the page with what runs reach.
const coveragePage = "docs/simulation-coverage.md"

// cover brings the page of coverage up to date with a profile. It is not ok if too little is reached, or something
// without a reason is not.
func cover(args []string) (bool, error) {
	flags := flag.NewFlagSet("cover", flag.ExitOnError)
	file := flags.String("profile", "", "coverage profile in the text format")
	least := flags.Float64("least", 90, "percent of the statements that must be reached")
	if err := parseFlags(flags, args); err != nil {
		return false, err
	}
	root, err := sourceRoot()
	if err != nil {
		return false, err
	}
	profile, err := os.Open(*file)
	if err != nil {
		return false, err
	}
	defer profile.Close()
	blocks, err := coverage.ReadProfile(profile, "sqsd")
	if err != nil {
		return false, err
	}
	page := filepath.Join(root, coveragePage)
	old, err := os.ReadFile(page)
	if err != nil {
		return false, err
	}
	text, found, err := coverage.Update(string(old), root, blocks)
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		return false, err
	}
	if len(found.Unexplained) > 0 {
		fmt.Printf("not reached, and %s gives no reason:\n%s\n", coveragePage, strings.Join(found.Unexplained, "\n"))
	}
	fmt.Printf("%.1f %% of the statements are reached: %d of %d; at least %.0f %% must be\n", found.Total.Percent(), found.Total.Reached,
		found.Total.Statements, *least)
	return len(found.Unexplained) == 0 && found.Total.Percent() >= *least, nil
}
