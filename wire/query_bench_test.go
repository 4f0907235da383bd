package wire

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func BenchmarkQuery(b *testing.B) {
	body := strings.Repeat("x", 1024)
	r := httptest.NewRequest("POST", "http://sqs.test/", nil)
	parameters := []byte("Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Fsqs.test%2F000000000000%2Fq&MessageBody=" + body)
	b.Run("DecodeSend", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (queryCodec{}).decode(r, parameters); err != nil {
				b.Fatal(err)
			}
		}
	})
	received := &ReceiveMessageResponse{Messages: []Message{{MessageID: "1", ReceiptHandle: "h", MD5OfBody: "m", Body: body}}}
	b.Run("EncodeReceive", func(b *testing.B) {
		buf := make([]byte, 0, 4096)
		for b.Loop() {
			buf, _ = queryCodec{}.appendAnswer(buf[:0], "ReceiveMessage", received, "id")
		}
	})
}
