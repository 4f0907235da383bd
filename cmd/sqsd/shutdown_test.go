package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestShutdownEndsLongPollsEmpty(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "1")
	c := p.client()
	url := createQueue(t, c, "q")
	type outcome struct {
		messages int
		err      error
	}
	ended := make(chan outcome, 1)
	go func() {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
		if err != nil {
			ended <- outcome{err: err}
			return
		}
		ended <- outcome{messages: len(out.Messages)}
	}()
	p.waitHealth(t, "/metrics", func(_ int, body string) bool { return strings.Contains(body, "sqsd_polls_waiting 1") })
	began := time.Now()
	p.stop(t)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the shutdown took %v", took)
	}
	if o := <-ended; o.err != nil || o.messages != 0 {
		t.Errorf("the poll ended with %+v, want an empty answer", o)
	}
}

func TestHealthTellsLiveReadyAndLeaders(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir(), "--groups", "3")
	p.waitReady(t)
	if status, body := p.get(t, "/health/live"); status != http.StatusOK {
		t.Errorf("/health/live answers %d %s", status, body)
	}
	p.waitHealth(t, "/health/leader", func(_ int, body string) bool {
		return body == `{"groups":3,"led":3,"withoutLeader":0,"leads":[0,1,2]}`
	})
	if status, _ := p.get(t, "/health/other"); status != http.StatusNotFound {
		t.Errorf("/health/other answers %d", status)
	}
}

func TestANodeWithoutItsClusterIsLiveButNotReady(t *testing.T) {
	addresses := freeAddresses(t, 3)
	peers := "1=" + addresses[0] + ",2=" + addresses[1] + ",3=" + addresses[2]
	p := start(t, "--data-dir", t.TempDir(), "--id", "2", "--peers", peers)
	if status, body := p.get(t, "/health/live"); status != http.StatusOK {
		t.Errorf("/health/live answers %d %s", status, body)
	}
	if status, _ := p.get(t, "/health/ready"); status != http.StatusServiceUnavailable {
		t.Errorf("/health/ready answers %d", status)
	}
}

func TestMetricsCountRequestsByActionAndCode(t *testing.T) {
	p := start(t, "--data-dir", t.TempDir())
	c := p.client()
	url := createQueue(t, c, "q")
	send(t, c, url, "x")
	send(t, c, url, "y")
	_, err := c.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: new("absent")})
	if err == nil {
		t.Fatal("an absent queue was found")
	}
	_, body := p.get(t, "/metrics")
	for _, line := range []string{
		`sqsd_requests_total{action="SendMessage",code="OK"} 2`,
		`sqsd_requests_total{action="GetQueueUrl",code="AWS.SimpleQueueService.NonExistentQueue"} 1`,
		`sqsd_request_seconds_count{action="SendMessage"} 2`,
		`sqsd_groups 8`,
		`sqsd_groups_led 8`,
		`sqsd_groups_voter 8`,
		`sqsd_groups_without_leader 0`,
		`sqsd_clock_skew_seconds 0`,
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("/metrics has no line %s", line)
		}
	}
}
