package queue

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sqsd/wire"
)

// TestFairQueuesFollowTheSpecification is TestMachineFollowsTheSpecification with tenants, and so many messages in flight
// that some of them are noisy.
func TestFairQueuesFollowTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPair(t, "a")
		p.apply(t, &wire.CreateQueueRequest{QueueName: "a", Attributes: wire.Pairs{
			{Name: wire.AttrMessageRetentionPeriod, Value: "60"},
		}})
		t.Repeat(map[string]func(*rapid.T){
			"":             p.checkCounters,
			"round":        p.round,
			"advance":      p.advance,
			"purge":        p.purge,
			"crowd":        p.sendCrowd,
			"few":          p.sendFew,
			"receive":      p.receive,
			"receive many": p.receiveMany,
			"delete":       p.delete,
			"delete batch": p.deleteBatch,
			"change batch": p.changeBatch,
		})
		p.round(t)
	})
}

func (p *pair) sendFor(t *rapid.T, tenant string) {
	p.sent++
	req := &wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: "a"}}
	req.MessageBody, req.MessageGroupID = "body "+strconv.Itoa(p.sent), tenant
	req.DelaySeconds = wire.Int(rapid.SampledFrom([]int32{0, 0, 0, 0, 0, 1}).Draw(t, "delay"))
	p.apply(t, req)
}

// sendCrowd sends what makes a tenant noisy once it is received.
func (p *pair) sendCrowd(t *rapid.T) {
	tenant := rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "tenant")
	for range rapid.IntRange(25, 60).Draw(t, "messages") {
		p.sendFor(t, tenant)
	}
}

// sendFew sends a little of many tenants, more than a head in memory holds.
func (p *pair) sendFew(t *rapid.T) {
	for i := range rapid.IntRange(1, headSize+10).Draw(t, "messages") {
		p.sendFor(t, "T"+strconv.Itoa(i))
	}
}

func (p *pair) receiveMany(t *rapid.T) {
	req := &wire.ReceiveMessageRequest{QueueRef: wire.QueueRef{Name: "a"}, MaxNumberOfMessages: wire.Int(10)}
	req.VisibilityTimeout = wire.Int(rapid.SampledFrom([]int32{2, 60, 1000}).Draw(t, "timeout"))
	for range rapid.IntRange(1, 10).Draw(t, "receives") {
		if got, ok := p.apply(t, req).Response.(*wire.ReceiveMessageResponse); ok {
			for i := range got.Messages {
				p.handles = append(p.handles, got.Messages[i].ReceiptHandle)
			}
		}
	}
}
