package wire

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func BenchmarkJSON(b *testing.B) {
	plain := strings.Repeat("x", 1024)
	escaped := strings.Repeat(`xxxxxxx"`, 128)
	for _, body := range []struct{ name, text string }{{"plain", plain}, {"escaped", escaped}} {
		send := &SendMessageRequest{QueueRef: QueueRef{QueueURL: "http://127.0.0.1:9324/000000000000/bench"}}
		send.MessageBody = body.text
		text, err := json.Marshal(send)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("DecodeSend/"+body.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := DecodeJSON(text, new(SendMessageRequest)); err != nil {
					b.Fatal(err)
				}
			}
		})
		received := &ReceiveMessageResponse{Messages: []Message{{
			MessageID: "12345678-1234-1234-1234-123456789012", ReceiptHandle: strings.Repeat("h", 80),
			MD5OfBody: BodyMD5(body.text), Body: body.text,
		}}}
		b.Run("EncodeReceive/"+body.name, func(b *testing.B) {
			buf := make([]byte, 0, 4096)
			for b.Loop() {
				buf, _ = AppendJSON(buf[:0], received)
			}
		})
		b.Run("EncodeReceive/"+body.name+"/library", func(b *testing.B) {
			for b.Loop() {
				json.Marshal(received)
			}
		})
	}
	sent := &SendMessageResponse{MessageID: "12345678-1234-1234-1234-123456789012", MD5OfMessageBody: BodyMD5(plain)}
	b.Run("EncodeSent", func(b *testing.B) {
		buf := make([]byte, 0, 4096)
		for b.Loop() {
			buf, _ = AppendJSON(buf[:0], sent)
		}
	})
	b.Run("EncodeSent/library", func(b *testing.B) {
		for b.Loop() {
			json.Marshal(sent)
		}
	})
	b.Run("BodyMD5", func(b *testing.B) {
		for b.Loop() {
			BodyMD5(plain)
		}
	})
}

// BenchmarkSend is what one SendMessage of 1 KiB costs beyond net/http and the backend.
func BenchmarkSend(b *testing.B) {
	h := newTestHandler(b, sentBackend{}, Config{})
	body := `{"QueueUrl":"http://127.0.0.1:9324/000000000000/q","MessageBody":"` + strings.Repeat("x", 1024) + `"}`
	r := httptest.NewRequest("POST", "http://sqs.test/", nil)
	r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	r.ContentLength = int64(len(body))
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(body))
		h.ServeHTTP(w, r)
	}
}

type sentBackend struct{}

func (sentBackend) Do(context.Context, Request) (Response, *Error) {
	return &SendMessageResponse{MessageID: "12345678-1234-1234-1234-123456789012"}, nil
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
