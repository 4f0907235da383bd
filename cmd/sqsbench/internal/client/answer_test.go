package client

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestAnswerFraming(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		status    int
		body      string
		code      string
		close     bool
		rest      string // what must be left for the next answer
	}{
		{name: "content length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP", status: 200, body: "{}", rest: "HTTP"},
		{name: "empty body", raw: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP", status: 200, rest: "HTTP"},
		{name: "chunks", raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\nHTTP",
			status: 200, body: "abc0123456789", rest: "HTTP"},
		{name: "chunked wins over length", raw: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
			status: 200, body: "a"},
		{name: "until close", raw: "HTTP/1.1 200 OK\r\n\r\neverything", status: 200, body: "everything", close: true},
		{name: "close asked for", raw: "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a", close: true},
		{name: "HTTP/1.0 closes", raw: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a", close: true},
		{name: "HTTP/1.0 kept alive", raw: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a"},
		{name: "no content", raw: "HTTP/1.1 204 No Content\r\n\r\nHTTP", status: 204, rest: "HTTP"},
		{name: "interim answer", raw: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", status: 200, body: "a"},
		{name: "error code", raw: "HTTP/1.1 400 Bad Request\r\nX-Amzn-Query-Error: InvalidAction;Sender\r\nContent-Length: 2\r\n\r\n{}",
			status: 400, body: "{}", code: "InvalidAction"},
		{name: "bare line feeds", raw: "HTTP/1.1 200 OK\nContent-Length: 1\n\na", status: 200, body: "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := bufio.NewReader(strings.NewReader(test.raw))
			a, err := readAnswer(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			if a.Status != test.status || string(a.Body) != test.body || a.ErrorCode != test.code || a.close != test.close {
				t.Errorf("got %+v with body %q, want %+v", a, a.Body, test)
			}
			rest, err := io.ReadAll(r)
			if err != nil || string(rest) != test.rest {
				t.Errorf("left %q, %v; want %q", rest, err, test.rest)
			}
		})
	}
}

func TestAnswerRefusals(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		want      error
	}{
		{"nothing", "", io.EOF},
		{"cut in the status line", "HTTP/1.1 20", io.ErrUnexpectedEOF},
		{"not HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n", errMalformed},
		{"status not a number", "HTTP/1.1 2x0 OK\r\n\r\n", errMalformed},
		{"cut in the headers", "HTTP/1.1 200 OK\r\nContent-Le", io.ErrUnexpectedEOF},
		{"header without colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", errMalformed},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", errMalformed},
		{"absurd length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", errMalformed},
		{"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", io.ErrUnexpectedEOF},
		{"unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", errMalformed},
		{"bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", errMalformed},
		{"absurd chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", errMalformed},
		{"chunk longer than said", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", errMalformed},
		{"endless line", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<16), errMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := readAnswer(bufio.NewReader(strings.NewReader(test.raw)), nil); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}
