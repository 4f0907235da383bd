package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"sqsd/node"
)

// version says what the program was built from, as far as the build knows, and which formats of data it knows.
func version(info *debug.BuildInfo, known bool) string {
	name, commit := "unknown", ""
	if known {
		name = info.Main.Version
		settings := map[string]string{}
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		if revision := settings["vcs.revision"]; revision != "" {
			commit = fmt.Sprintf(", commit %s of %s", revision, settings["vcs.time"])
		}
		if settings["vcs.modified"] == "true" {
			commit += " with changes"
		}
	}
	return fmt.Sprintf("sqsd %s%s, %s; writes data of format %d, reads formats 1 to %d",
		name, commit, runtime.Version(), node.NewestFormat, node.NewestFormat)
}
