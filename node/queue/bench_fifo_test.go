package queue

import (
	"strconv"
	"strings"
	"testing"

	"sqsd/wire"
)

// BenchmarkFIFO measures commands with 1 KiB bodies on a store in memory: one message is sent, received and deleted at a
// time, in one group or in as many as there are messages.
func BenchmarkFIFO(b *testing.B) {
	for _, groups := range []int{1, 1 << 30} {
		name := map[bool]string{true: "one-group", false: "many-groups"}[groups == 1]
		b.Run(name, func(b *testing.B) {
			m, err := Open(newMemoryStore(), Config{})
			if err != nil {
				b.Fatal(err)
			}
			round(m, 1, createFIFO())
			receive := &wire.ReceiveMessageRequest{QueueRef: fifoRef}
			body := strings.Repeat("x", 1024)
			b.ReportAllocs()
			n := 0
			measure(b, m, func() {
				n++
				id := strconv.Itoa(n)
				send := sendToGroup(strconv.Itoa(n%groups), body)
				send.MessageDeduplicationID = id
				m.Apply(send, true)
				got := m.Apply(receive, true).Response.(*wire.ReceiveMessageResponse)
				m.Apply(&wire.DeleteMessageRequest{QueueRef: fifoRef, ReceiptHandle: got.Messages[0].ReceiptHandle}, true)
			})
		})
	}
}
