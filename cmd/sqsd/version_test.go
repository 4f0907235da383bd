package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"sqsd/node"
)

func TestVersionSaysWhatTheBuildKnows(t *testing.T) {
	end := fmt.Sprintf(", %s; writes data of format %d, reads formats 1 to %d",
		runtime.Version(), node.NewestFormat, node.NewestFormat)
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: "f2029a6"}, {Key: "vcs.time", Value: "2026-11-25T08:00:00Z"}}
	changed := append(vcs, debug.BuildSetting{Key: "vcs.modified", Value: "true"})
	const released = "sqsd v1.2.3, commit f2029a6 of 2026-11-25T08:00:00Z"
	for want, info := range map[string]*debug.BuildInfo{
		"sqsd unknown":             nil,
		"sqsd (devel)":             {Main: debug.Module{Version: "(devel)"}},
		"sqsd v1.2.3":              {Main: debug.Module{Version: "v1.2.3"}},
		released:                   {Main: debug.Module{Version: "v1.2.3"}, Settings: vcs},
		released + " with changes": {Main: debug.Module{Version: "v1.2.3"}, Settings: changed},
	} {
		if got := version(info, info != nil); got != want+end {
			t.Errorf("version is %q, want %q", got, want+end)
		}
	}
}

func TestVersionIsPrintedAndNothingStarted(t *testing.T) {
	for _, flag := range []string{"--version", "-version"} {
		out := newOutput()
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // a server would stop
		if code := run(ctx, []string{flag}, out, io.Discard); code != exitOK ||
			!strings.HasPrefix(out.String(), "sqsd ") || strings.Contains(out.String(), "serves") {
			t.Errorf("%s ends with %d and prints %q", flag, code, out)
		}
	}
	if code, stderr := try(t, "--version", "--listen", "127.0.0.1:0"); code != exitUsage {
		t.Errorf("with other settings it ends with %d: %s", code, stderr)
	}
}
