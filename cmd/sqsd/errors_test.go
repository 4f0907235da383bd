package main

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sqsd/cmd/sqsd/internal/host"
	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
	"sqsd/node/disk/pebbledisk"
	"sqsd/wire"
	"sqsd/wire/wiretest"
)

var protocols = []string{"JSON", "Query"}

// TestErrors provokes on a running server what only the state of its queues can refuse. Cases are named by protocol,
// action and query code.
func TestErrors(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "4")
	p.waitReady(t)
	for _, c := range stateErrors {
		for _, protocol := range protocols {
			t.Run(protocol+"/"+c.action+"/"+c.want.Query()+"/"+c.name, func(t *testing.T) {
				a := p.call(t, protocol, c.action, c.parameters(newPreparation(t, p)))
				if strings.HasPrefix(c.name, "entry") {
					a.wantFailedEntry(t, c.want)
					return
				}
				a.wantError(t, c.want)
			})
		}
	}
}

// TestErrorsOfAbsentQueues names its cases like TestErrors.
func TestErrorsOfAbsentQueues(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "4")
	p.waitReady(t)
	for action, parameters := range wiretest.Calls {
		want := wire.QueueDoesNotExist
		switch action {
		case "CreateQueue", "ListQueues":
			continue
		case "StartMessageMoveTask", "CancelMessageMoveTask", "ListMessageMoveTasks":
			want = wire.ResourceNotFound
		}
		for _, protocol := range protocols {
			t.Run(protocol+"/"+action+"/"+want.Query(), func(t *testing.T) {
				p.call(t, protocol, action, parameters).wantError(t, want)
			})
		}
	}
}

// TestErrorsWithoutALeader names its cases like TestErrors.
func TestErrorsWithoutALeader(t *testing.T) {
	addresses := freeAddresses(t, 3)
	p := start(t, "--data-dir", t.TempDir(), "--id", "2", "--groups", "2",
		"--peers", "1="+addresses[0]+",2="+addresses[1]+",3="+addresses[2])
	type call struct {
		name   string
		answer chan answer
	}
	var calls []call
	for action, parameters := range wiretest.Calls {
		for _, protocol := range protocols {
			c := call{protocol + "/" + action, make(chan answer, 1)}
			calls = append(calls, c)
			r := p.request(t, protocol, action, parameters)
			go func() { c.answer <- exchange(r) }() // all at once: each waits for a leader as long as it may
		}
	}
	for _, c := range calls {
		t.Run(c.name+"/"+wire.ServiceUnavailable.Query(), func(t *testing.T) {
			a := <-c.answer
			must(t, a.err)
			a.wantError(t, wire.ServiceUnavailable)
		})
	}
}

// TestErrorsAtTheInFlightLimit names its cases like TestErrors.
func TestErrorsAtTheInFlightLimit(t *testing.T) {
	p := startWithInFlightLimit(t, 1)
	q := newPreparation(t, p)
	q.send("a")
	q.send("b")
	q.receive()
	for _, protocol := range protocols {
		t.Run(protocol+"/ReceiveMessage/"+wire.OverLimit.Query(), func(t *testing.T) {
			p.call(t, protocol, "ReceiveMessage", q.with("")).wantError(t, wire.OverLimit)
		})
	}
}

// startWithInFlightLimit starts a node whose standard queues may have so many messages in flight.
func startWithInFlightLimit(t *testing.T, limit int) *process {
	t.Helper()
	d, err := pebbledisk.OpenDisk(pebbledisk.Settings{Dir: "disk", FS: vfs.NewMem(), CacheBytes: 1 << 20})
	must(t, err)
	c := node.DefaultConfig()
	c.Node, c.Life, c.Groups, c.Peers, c.Account, c.Region = 1, 1, 1, []node.NodeID{1}, wire.DefaultAccount, "us-east-1"
	c.Limits.MaxInFlight = limit
	h, err := host.Start(host.Config{
		Replica: c, Loops: 1, Disk: d, Peers: peer.New(peer.Config{Self: 1}),
		OnFail: func(err error) { t.Error(err) }, Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	handler, err := wire.NewHandler(h, wire.Config{Region: c.Region})
	must(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		h.Stop()
		must(t, d.Close())
	})
	return &process{endpoint: server.URL}
}

// answer is what a call in a protocol got.
type answer struct {
	protocol string
	status   int
	header   http.Header
	body     []byte
	err      error
}

// call calls an action with parameters given as JSON.
func (p *process) call(t *testing.T, protocol, action, parameters string) answer {
	t.Helper()
	a := exchange(p.request(t, protocol, action, parameters))
	must(t, a.err)
	return a
}

func (p *process) request(t *testing.T, protocol, action, parameters string) *http.Request {
	t.Helper()
	contentType := "application/x-amz-json-1.0"
	if protocol == "Query" {
		contentType, parameters = "application/x-www-form-urlencoded", wiretest.Form(t, action, parameters)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.endpoint+"/", strings.NewReader(parameters))
	must(t, err)
	r.Header.Set("Content-Type", contentType)
	if protocol == "JSON" {
		r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
	}
	return r
}

func exchange(r *http.Request) (a answer) {
	a.protocol = "Query"
	if r.Header.Get("X-Amz-Target") != "" {
		a.protocol = "JSON"
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, a.err = io.ReadAll(resp.Body)
	return a
}

// wantError checks that the call was refused.
func (a answer) wantError(t *testing.T, want wire.Code) {
	t.Helper()
	var code, mark string
	var err error
	switch a.protocol {
	case "JSON":
		var e struct {
			Type string `json:"__type"`
		}
		err = json.Unmarshal(a.body, &e)
		code, _, _ = strings.Cut(a.header.Get("x-amzn-query-error"), ";")
		if e.Type != want.Shape() {
			mark = " of the type " + e.Type
		}
	case "Query":
		var e struct {
			Code string `xml:"Error>Code"`
		}
		err, code = xml.Unmarshal(a.body, &e), e.Code
	}
	if err != nil || a.status != want.Status() || code != want.Query() || mark != "" {
		t.Errorf("got %d %s%s, want %d %s: %s", a.status, code, mark, want.Status(), want.Query(), a.body)
	}
}

// wantFailedEntry checks that the only entry of a batch failed.
func (a answer) wantFailedEntry(t *testing.T, want wire.Code) {
	t.Helper()
	says := "<Code>" + want.Query() + "</Code>"
	if a.protocol == "JSON" {
		says = `"Code":"` + want.Query() + `"`
	}
	if body := string(a.body); a.status != http.StatusOK || !strings.Contains(body, says) || strings.Contains(body, "Successful") {
		t.Errorf("got %d %s, want a failed entry with %s", a.status, a.body, want.Query())
	}
}
