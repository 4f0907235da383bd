package queue

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sqsd/wire"
)

// TestFairQueuesFollowTheSpecification is TestMachineFollowsTheSpecification with tenants, in queues whose messages also
// move to a dead-letter queue and back. There are as many tenants as a head in memory holds and more.
func TestFairQueuesFollowTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPair(t, "a", "b")
		retention := wire.Pair{Name: wire.AttrMessageRetentionPeriod, Value: "60"}
		policy := wire.Pair{Name: wire.AttrRedrivePolicy, Value: redriveTo("b", rapid.SampledFrom([]int{1, 2, 1000}).Draw(t, "receives"))}
		p.apply(t, &wire.CreateQueueRequest{QueueName: "b", Attributes: wire.Pairs{retention}})
		p.apply(t, &wire.CreateQueueRequest{QueueName: "a", Attributes: wire.Pairs{retention, policy}})
		t.Repeat(map[string]func(*rapid.T){
			"":             p.checkCounters,
			"round":        p.round,
			"advance":      p.advance,
			"set":          p.set,
			"purge":        p.purge,
			"crowd":        p.sendCrowd,
			"few":          p.sendFew,
			"one":          p.sendOne,
			"receive":      p.receive,
			"receive many": p.receiveMany,
			"delete":       p.delete,
			"delete batch": p.deleteBatch,
			"change":       p.change,
			"change batch": p.changeBatch,
			"release":      p.release,
			"task":         p.task,
		})
		p.round(t)
	})
}

func (p *pair) sendFor(t *rapid.T, ref wire.QueueRef, tenant string) {
	p.sent++
	req := &wire.SendMessageRequest{QueueRef: ref}
	req.MessageBody, req.MessageGroupID = "body "+strconv.Itoa(p.sent), tenant
	req.DelaySeconds = wire.Int(rapid.SampledFrom([]int32{0, 0, 0, 0, 0, 1, 2, 61}).Draw(t, "delay"))
	p.apply(t, req)
}

func (p *pair) sendOne(t *rapid.T) {
	p.sendFor(t, p.queueRef(t), rapid.SampledFrom([]string{"A", "B", "C", ""}).Draw(t, "tenant"))
}

// sendCrowd sends what a tenant has a backlog of.
func (p *pair) sendCrowd(t *rapid.T) {
	ref, tenant := p.queueRef(t), rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "tenant")
	for range rapid.IntRange(2, 30).Draw(t, "messages") {
		p.sendFor(t, ref, tenant)
	}
}

// sendFew sends a little of many tenants.
func (p *pair) sendFew(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
		return
	}
	ref := p.queueRef(t)
	for i := range rapid.IntRange(1, headSize+10).Draw(t, "messages") {
		p.sendFor(t, ref, "T"+strconv.Itoa(i))
	}
}

func (p *pair) receiveMany(t *rapid.T) {
	req := &wire.ReceiveMessageRequest{QueueRef: p.queueRef(t), MaxNumberOfMessages: wire.Int(10)}
	req.VisibilityTimeout = wire.Int(rapid.SampledFrom([]int32{0, 2, 2, 60, 1000}).Draw(t, "timeout"))
	for range rapid.IntRange(1, 10).Draw(t, "receives") {
		if got, ok := p.apply(t, req).Response.(*wire.ReceiveMessageResponse); ok {
			for i := range got.Messages {
				p.handles = append(p.handles, got.Messages[i].ReceiptHandle)
			}
		}
	}
}

// task lets a move task take all that a queue has to the other queue.
func (p *pair) task(t *rapid.T) {
	source, to := "a", "b"
	if rapid.Bool().Draw(t, "back") {
		source, to = to, source
	}
	p.apply(t, &wire.StartMessageMoveTaskRequest{
		SourceARN: wire.QueueARN(pairRegion, pairAccount, source), Source: source,
		DestinationARN: wire.QueueARN(pairRegion, pairAccount, to), Destination: to,
		MaxNumberOfMessagesPerSecond: wire.Int(rapid.SampledFrom([]int32{1, 20, 500}).Draw(t, "rate")),
	})
}
