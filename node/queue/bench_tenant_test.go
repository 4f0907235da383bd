package queue

import (
	"strconv"
	"strings"
	"testing"

	"sqsd/wire"
)

// BenchmarkTenants measures commands with 1 KiB bodies on a store in memory: one message is sent, received and deleted at
// a time, behind a backlog, in a queue whose messages have no message group id, are all of one tenant, or each of another.
func BenchmarkTenants(b *testing.B) {
	const backlog = 1000
	for name, tenant := range map[string]func(n int) string{
		"none": func(int) string { return "" },
		"one":  func(int) string { return "t" },
		"many": strconv.Itoa,
	} {
		b.Run(name, func(b *testing.B) {
			m := openMachine(b)
			round(m, 1, &wire.CreateQueueRequest{QueueName: "a"})
			receive := &wire.ReceiveMessageRequest{QueueRef: testRef}
			body := strings.Repeat("x", 1024)
			b.ReportAllocs()
			n := 0
			for ; n < backlog; n++ {
				round(m, 1, sendForTenant(tenant(n), body))
			}
			measure(b, m, func() {
				n++
				m.Apply(sendForTenant(tenant(n), body), true)
				got := m.Apply(receive, true).Response.(*wire.ReceiveMessageResponse)
				m.Apply(&wire.DeleteMessageRequest{QueueRef: testRef, ReceiptHandle: got.Messages[0].ReceiptHandle}, true)
			})
		})
	}
}
