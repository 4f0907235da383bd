package client

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

// The reason for a client of our own: CPU time of the whole process per send of 1 KiB, against net/http's client.
// The server is part of both figures.

func BenchmarkSendOwnClient(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(acknowledge))
	defer server.Close()
	endpoint, err := ParseEndpoint(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	c := New(NewConn(endpoint, nil), patience)
	defer c.Close()
	if err := c.UseQueue("http://host/1/q"); err != nil {
		b.Fatal(err)
	}
	text, err := NewBody(strings.Repeat("x", 1024))
	if err != nil {
		b.Fatal(err)
	}
	measureCPU(b, func() error {
		_, err := c.Send(text)
		return err
	})
}

func BenchmarkSendNetHTTP(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(acknowledge))
	defer server.Close()
	payload := []byte(`{"QueueUrl":"http://host/1/q","MessageBody":"` + strings.Repeat("x", 1024) + `"}`)
	measureCPU(b, func() error {
		req, err := http.NewRequest(http.MethodPost, server.URL+"/", bytes.NewReader(payload))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		req.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return err
	})
}

func acknowledge(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	io.WriteString(w, `{"MD5OfMessageBody":"00000000000000000000000000000000","MessageId":"00000000-0000-0000-0000-000000000000"}`)
}

func measureCPU(b *testing.B, call func() error) {
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(used)/1000/float64(b.N), "cpu-µs/op")
}
