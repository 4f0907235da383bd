package main

import (
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBadSettingsAreRefused(t *testing.T) {
	const peers = "1=127.0.0.1:1,2=127.0.0.1:2,3=127.0.0.1:3"
	clusterOfEight := newCluster(nil, 8).String()
	for _, c := range []struct {
		args string
		says []string // what is wrong, and what would be right
	}{
		{"serve", []string{`"serve"`, "--name value"}},
		{"--no-such-flag", []string{"no-such-flag"}},
		{"--data-dir=", []string{"--data-dir", "name a directory"}},
		{"--listen 9324", []string{`"9324"`, "host:port"}},
		{"--listen 127.0.0.1:port", []string{`"port"`, "0 to 65535"}},
		{"--listen 127.0.0.1:70000", []string{`"70000"`, "0 to 65535"}},
		{"--listen 0.0.0.0:9324", []string{"0.0.0.0:9324", "--open-access"}},
		{"--listen 0.0.0.0:9324", []string{"0.0.0.0:9324", "--credentials"}},
		{"--listen :9324", []string{":9324", "--open-access"}},
		{"--listen example.org:9324", []string{"example.org", "--open-access"}},
		{"--open-access --credentials keys.ini", []string{"--open-access", "--credentials", "contradict"}},
		{"--credentials absent.ini", []string{"--credentials", "absent.ini"}},
		{"--max-format 3", []string{`"3"`, "from 1 to 2"}},
		{"--max-connections 0", []string{`"0"`, "from 1 to 1000000"}},
		{"--public-url queues.example.org", []string{"queues.example.org", "http://host:port"}},
		{"--account 12", []string{`"12"`, "12 digits"}},
		{"--region US_EAST", []string{"US_EAST", "us-east-1"}},
		{"--deleted-queue-window 60", []string{`"60"`, "60s"}},
		{"--deleted-queue-window -1s", []string{`"-1s"`, "from 0s"}},
		{"--purge-window soon", []string{`"soon"`, "60s"}},
		{"--purge-window 1us", []string{`"1us"`, "whole milliseconds"}},
		{"--groups 0", []string{`"0"`, "from 1 to 256"}},
		{"--groups many", []string{`"many"`, "from 1 to 256"}},
		{"--id 0", []string{`"0"`, "from 1 to 65535"}},
		{"--id 4 --peers " + peers, []string{"4", "--peers " + peers}},
		{"--peers " + peers, []string{"--id"}},
		{"--id 1 --peers 127.0.0.1:1", []string{"127.0.0.1:1", "1=host:port"}},
		{"--id 1 --peers 1=127.0.0.1", []string{"127.0.0.1", "host:port"}},
		{"--id 1 --peers 1=:9325", []string{`":9325"`, "host:port"}},
		{"--id 1 --peers 1=a:1,1=b:2", []string{"1=b:2", "must differ"}},
		{"--id 1 --peers 1=a:1,2=a:1", []string{"2=a:1", "must differ"}},
		{"--join 8-3f", []string{`"8-3f"`, "sqsd members"}},
		{"--join " + clusterOfEight, []string{"--join", "--peers"}},
		{"--join 9" + clusterOfEight[1:] + " --id 1 --peers " + peers, []string{"sqsd members"}},
		{"--join " + clusterOfEight + " --groups 9 --id 1 --peers " + peers, []string{"--groups 9", "has 8"}},
		{"members list", []string{`"list"`, "add ID, or remove ID"}},
		{"members add", []string{`"add"`, "add ID, or remove ID"}},
		{"members add 0", []string{`"0"`, "from 1 to 65535"}},
		{"members add 1 2", []string{`"add 1 2"`}},
		{"members add 1 --within 1s", []string{"-within"}},
		{"members remove 1 --data-dir absent", []string{"no server answers", `"absent"`}},
		{"--peer-listen 127.0.0.1:9325", []string{"--peer-listen", "--peers"}},
		{"--id 1 --peer-listen nowhere --peers " + peers, []string{`"nowhere"`, "host:port"}},
		{"--log-level loud", []string{"loud", "debug, info, warn or error"}},
		{"--log-format xml", []string{"xml", "text or json"}},
		{"--config absent.conf", []string{"absent.conf"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			code, stderr := try(t, strings.Fields(c.args)...)
			if code != exitUsage {
				t.Errorf("exit code %d, want %d", code, exitUsage)
			}
			for _, part := range c.says {
				if !strings.Contains(stderr, part) {
					t.Errorf("the message does not say %q: %s", part, stderr)
				}
			}
		})
	}
}

func TestSettingsComeFromFlagsThenEnvironmentThenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sqsd.conf")
	lines := "# a comment\nregion from-file\naccount 222222222222\nlog-level warn\n"
	must(t, os.WriteFile(file, []byte(lines), 0o644))
	t.Setenv("SQSD_REGION", "from-env")
	t.Setenv("SQSD_LOG_LEVEL", "error")
	s, err := parseSettings([]string{"--config", file, "--log-level", "debug"}, newOutput())
	must(t, err)
	if s.account != "222222222222" || s.region != "from-env" || s.logLevel != "debug" {
		t.Errorf("account %s from the file, region %s from the environment, level %s from the flags",
			s.account, s.region, s.logLevel)
	}
}

func TestHelpListsEverySetting(t *testing.T) {
	out := newOutput()
	if code := run(t.Context(), []string{"-h"}, out, out); code != exitOK {
		t.Errorf("-h exits with %d", code)
	}
	new(settings).flags().VisitAll(func(f *flag.Flag) {
		if !strings.Contains(out.String(), "  -"+f.Name) {
			t.Errorf("the help does not show --%s", f.Name)
		}
	})
}

func TestAPortInUseIsRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	dir := filepath.Join(t.TempDir(), "data")
	code, stderr := try(t, "--data-dir", dir, "--listen", l.Addr().String())
	if code != exitUsage || !strings.Contains(stderr, l.Addr().String()) || !strings.Contains(stderr, "in use") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the data directory was made all the same")
	}
}

func TestALockedDataDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	start(t, "--data-dir", dir)
	code, stderr := try(t, "--data-dir", dir, "--listen", "127.0.0.1:0")
	if code != exitUsage || !strings.Contains(stderr, dir) || !strings.Contains(stderr, "in use by another sqsd") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestAForeignDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o644))
	code, stderr := try(t, "--data-dir", dir, "--listen", "127.0.0.1:0")
	if code != exitUsage || !strings.Contains(stderr, "thesis.tex") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	file := filepath.Join(dir, "thesis.tex")
	code, stderr = try(t, "--data-dir", file, "--listen", "127.0.0.1:0")
	if code != exitUsage || !strings.Contains(stderr, file) {
		t.Errorf("a file as data directory: exit code %d: %s", code, stderr)
	}
}

func TestADataDirectoryKeepsItsSettings(t *testing.T) {
	dir := t.TempDir()
	start(t, "--data-dir", dir, "--groups", "3").stop(t)
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"groups", []string{"--groups", "4"}, `--groups was "3" and is "4"`},
		{"id", []string{"--id", "2"}, `--id was "1" and is "2"`},
		{"peers", []string{"--id", "1", "--peers", "1=127.0.0.1:65001,2=127.0.0.1:65002"},
			"it is of a node alone, which cannot become one of a cluster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stderr := try(t, append(c.args, "--data-dir", dir, "--listen", "127.0.0.1:0")...)
			if code != exitUsage || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d: %s", code, stderr)
			}
		})
	}
	p := start(t, "--data-dir", dir) // without --groups it keeps what it has
	p.waitHealth(t, "/health/leader", func(_ int, body string) bool { return strings.Contains(body, `"groups":3`) })
}

func TestADamagedDataDirectoryIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, dir string)
		says   string
	}{
		{"marker", func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, markerName), []byte("{"), 0o644))
		}, "sqsd.json is damaged"},
		{"marker of a newer version", func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, markerName), []byte(`{"format":3,"node":1,"groups":8}`), 0o644))
		}, "has format 3"},
		{"no current manifest", func(t *testing.T, dir string) {
			names, err := filepath.Glob(filepath.Join(dir, "state", "MANIFEST-*"))
			must(t, err)
			for _, name := range names {
				must(t, os.Remove(name))
			}
		}, "data directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			p := start(t, "--data-dir", dir)
			createQueue(t, p.client(), "q")
			p.stop(t)
			c.damage(t, dir)
			code, stderr := try(t, "--data-dir", dir, "--listen", "127.0.0.1:0")
			if code != exitUsage || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d: %s", code, stderr)
			}
		})
	}
}
