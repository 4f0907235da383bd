package queue

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/cockroachdb/datadriven"

	"sqsd/wire"
)

// TestGoldenFormats compares every format that lives longer than a process with testdata/golden. A change there means
// that old data can no longer be read: it needs a new version, not a new golden file.
func TestGoldenFormats(t *testing.T) {
	formats := map[string]func(*testing.T) []sample{
		"keys": keySamples, "records": recordSamples, "commands": commandSamples, "results": resultSamples,
		"fifo-keys": fifoKeySamples, "fifo-records": fifoRecordSamples,
		"stamp": stampSamples, "handle": handleSamples,
	}
	datadriven.RunTest(t, "testdata/golden", func(t *testing.T, d *datadriven.TestData) string {
		var out bytes.Buffer
		for _, s := range formats[d.Cmd](t) {
			fmt.Fprintf(&out, "%s: %x\n", s.name, s.data)
		}
		return out.String()
	})
}

type sample struct {
	name string
	data []byte
}

var (
	goldenLimits = Limits{DeletedQueueWindow: 60_000, PurgeWindow: 30_000, MaxInFlight: 120_000, DueBatch: 4096}

	goldenSent  = wire.Time(1_700_000_000_123)
	goldenTrunk = position{7, trunk}
	goldenLate  = position{7, 3}
	goldenTask  = wire.TaskHandle{TaskID: "01020000-0000-4000-8000-0000000000ff", SourceARN: "arn:dead"}
)

func keySamples(t *testing.T) []sample {
	const id = ID(0x0102)
	samples := []sample{
		{"arrival", arrival{position: goldenLate}.key(nil, id)},
		{"queue", queueKey(nil, classQueue, id)},
		{"delayed message", messageKey(nil, id, goldenLate)},
		{"age", age{goldenSent, goldenLate}.key(nil, id)},
		{"group", groupKey},
		{"inbox", inboxKey(nil, 3)},
		{"task", taskKey(nil, id, 11)},
		{"late", lateMessage{position: goldenLate}.key(nil, id)},
		{"message", messageKey(nil, id, goldenTrunk)},
		{"outgoing", outgoingKey(nil, 3, 12)},
		{"post", postKey},
		{"turn", goldenTenant.key(nil, id)},
		{"delivery", positionKey(nil, classDelivery, id, goldenTrunk)},
		{"delivery of a delayed message", positionKey(nil, classDelivery, id, position{8, 3})},
		{"run", run{first: 7}.key(nil, id)},
		{"timer", timer{due: goldenSent, position: goldenLate}.key(nil, id)},
		{"counts", queueKey(nil, classCounts, id)},
		{"shown message", shownMessage{position: goldenLate}.key(nil, id)},
		{"tenant message", tenantMessageKey(nil, id, "tenant", goldenLate)},
		{"grave", graveKey(nil, 9)},
		{"tenant", tenantKey(nil, id, "tenant")},
	}
	if !slices.IsSortedFunc(samples, func(a, b sample) int { return bytes.Compare(a.data, b.data) }) {
		t.Error("keys are not in the order of their classes and numbers")
	}
	return samples
}

func recordSamples(t *testing.T) []sample {
	group := groupRecord{now: goldenSent, limits: goldenLimits, nextID: 5, dug: 2}
	catalog := catalogRecord{
		name: "orders", nonce: 0xfeed,
		attributes: wire.Pairs{{Name: "DelaySeconds", Value: "5"}}, tags: wire.Pairs{{Name: "k", Value: "v"}},
		created: goldenSent, modified: goldenSent + 1, purged: never,
	}
	counts := countsRecord{
		next: 300, cursor: 200, tail: goldenSent, firstRun: 190, branches: 4, waiting: 2, firstDue: goldenSent + 5,
		oldest: goldenLate, oldestSent: goldenSent, late: 1, firstLate: position{8, 2}, received: 9, firstReceived: goldenTrunk,
	}
	message := goldenMessage()
	d := &delivery{
		position: goldenTrunk, sent: goldenSent, first: goldenSent + 1, last: goldenSent + 2,
		visibleAt: goldenSent + 30_002, count: 2, token: 0xabcdef,
	}
	g := grave{number: 9, name: "orders", at: goldenSent}

	samples := []sample{
		{"group", group.append(nil)}, {"queue", catalog.append(nil)}, {"counts", counts.append(nil)},
		{"message", message.append(nil)}, {"delivery", d.append(nil)}, {"grave", g.append(nil)},
		{"sent", appendSent(nil, goldenSent)},
	}
	groupBack, err := parseGroup(samples[0].data)
	same(t, groupBack, group, err)
	catalogBack, err := parseCatalog(samples[1].data)
	same(t, catalogBack, catalog, err)
	countsBack, err := parseCounts(samples[2].data)
	same(t, countsBack, counts, err)
	messageBack, err := parseMessage(samples[3].data)
	same(t, messageBack, message, err)
	sent, due, err := parseMessageTimes(samples[3].data)
	same(t, [2]wire.Time{sent, due}, [2]wire.Time{message.sent, message.due}, err)
	deliveryBack, err := parseDelivery(positionKey(nil, classDelivery, 1, goldenTrunk), samples[4].data)
	same(t, deliveryBack, d, err)
	graveBack, err := parseGrave(graveKey(nil, 9), samples[5].data)
	same(t, graveBack, g, err)
	sentBack, err := parseSent(samples[6].data)
	same(t, sentBack, goldenSent, err)
	return slices.Concat(samples, movedSamples(t, counts, message, d), tenantSamples(t), handoverSamples(t, message))
}

// handoverSamples are the records of messages on their way to other groups.
func handoverSamples(t *testing.T, message messageRecord) []sample {
	p := post{moves: 300, boxes: []outbox{{to: 1, first: 2, next: 5}, {to: 300, first: 7, next: 7}}}
	b := inbox{from: 3, first: 12, outcomes: []Outcome{Accepted, NoSuchQueue}}
	o := outgoing{
		serial: 299, origin: 5, position: goldenTrunk, known: true, moved: true, stays: true, task: 11,
		Move: goldenMove(message),
	}
	k := &task{
		number: 11, id: message.id, sourceARN: "arn:s", destination: "arn:d", rate: wire.Int(20), started: goldenSent,
		end: goldenTrunk, toMove: 300,
		taskProgress: taskProgress{
			status: taskFailed, failure: failedNoDestination, step: goldenSent + 100, waits: true, moved: 2, pending: 1,
		},
	}
	samples := []sample{
		{"post", p.append(nil)}, {"inbox", b.append(nil)}, {"outgoing", o.append(nil)}, {"task", k.append(nil)},
	}
	taskBack, err := parseTask(taskKey(nil, 1, 11), samples[3].data)
	same(t, taskBack, k, err)
	postBack, err := parsePost(samples[0].data)
	same(t, postBack, p, err)
	inboxBack, err := parseInbox(inboxKey(nil, 3), samples[1].data)
	same(t, inboxBack, b, err)
	outgoingBack, err := parseOutgoing(samples[2].data)
	same(t, outgoingBack, o, err)
	return samples
}

func goldenMove(message messageRecord) Move {
	return Move{
		Source: "orders", Target: "dead", Reason: DeadLetter, first: goldenSent + 1, count: 3, record: message,
	}
}

// movedSamples are the records of a message that came from another queue, made of those of one that did not.
func movedSamples(t *testing.T, counts countsRecord, message messageRecord, d *delivery) []sample {
	counts.movedCounts = movedCounts{
		arrivals: 3, firstArrival: position{9, 5}, ages: 4, firstAge: age{goldenSent - 1, position{8, 4}}, purgedMoves: 6,
	}
	counts.shownCounts = shownCounts{tenantCounts{2, 300, 4, 5}, position{9, 6}, tenant{3, position{10, 7}, ""}}
	message.source, message.due = "source", 0
	d.moved, d.stays, d.tenant = true, true, "tenant"
	a := arrival{goldenLate, goldenSent, goldenSent + 1, 3}
	g := age{goldenSent, goldenLate}
	samples := []sample{
		{"counts with moved messages", counts.append(nil)}, {"moved message", message.append(nil)},
		{"moved delivery", d.append(nil)}, {"arrival", a.append(nil)}, {"age", appendRecord(nil)},
	}
	countsBack, err := parseCounts(samples[0].data)
	same(t, countsBack, counts, err)
	messageBack, err := parseMessage(samples[1].data)
	same(t, messageBack, message, err)
	deliveryBack, err := parseDelivery(positionKey(nil, classDelivery, 1, goldenTrunk), samples[2].data)
	same(t, deliveryBack, d, err)
	arrivalBack, err := parseArrival(a.key(nil, 1), samples[3].data)
	same(t, arrivalBack, a, err)
	ageBack, err := parseAge(g.key(nil, 1), samples[4].data)
	same(t, ageBack, g, err)
	return samples
}

func goldenMessage() messageRecord {
	return messageRecord{
		sent: goldenSent, due: goldenSent + 1000, id: messageID{1, 2, 15: 255}, bodyMD5: wire.BodyMD5("hello"),
		sender: "AIDA", group: "g", attributes: goldenAttributes(), system: goldenTrace(), body: "hello",
	}
}

func same(t *testing.T, got, want any, err error) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, %v; want %+v", got, err, want)
	}
}

func goldenAttributes() wire.MessageAttributes {
	return wire.MessageAttributes{
		{Name: "b", DataType: "Binary.x", BinaryValue: []byte{0, 255}},
		{Name: "n", DataType: "Number", StringValue: "12"},
	}
}

func goldenTrace() wire.MessageAttributes {
	return wire.MessageAttributes{{Name: "AWSTraceHeader", DataType: "String", StringValue: "Root=1"}}
}

// goldenCommands has every kind of command with every field in use.
func goldenCommands() []wire.Request {
	ref := wire.QueueRef{Name: "orders"}
	refusal := wire.Errorf(wire.InvalidMessageContents, "bad")
	outgoing := wire.Outgoing{
		MessageBody: "hello", DelaySeconds: wire.Int(5), MessageAttributes: goldenAttributes(),
		MessageSystemAttributes: goldenTrace(), MessageGroupID: "g", MessageDeduplicationID: "d", SenderID: "AIDA",
	}
	return []wire.Request{
		&wire.CreateQueueRequest{
			QueueName:  "orders",
			Attributes: wire.Pairs{{Name: "DelaySeconds", Value: "1"}}, Tags: wire.Pairs{{Name: "k", Value: "v"}},
		},
		&wire.DeleteQueueRequest{QueueRef: ref},
		&wire.GetQueueURLRequest{QueueName: "orders"},
		&wire.ListQueuesRequest{QueueNamePrefix: "o", MaxResults: wire.Int(10), After: "oa"},
		&wire.GetQueueAttributesRequest{QueueRef: ref},
		&wire.SetQueueAttributesRequest{QueueRef: ref, Attributes: wire.Pairs{{Name: "DelaySeconds", Value: "1"}}},
		&wire.PurgeQueueRequest{QueueRef: ref},
		&wire.SendMessageRequest{QueueRef: ref, Outgoing: outgoing},
		&wire.SendMessageBatchRequest{QueueRef: ref, Entries: []wire.SendMessageBatchEntry{
			{ID: "1", Outgoing: outgoing}, {ID: "2", Err: refusal}, {ID: "3", Outgoing: wire.Outgoing{MessageBody: "x"}},
		}},
		&wire.ReceiveMessageRequest{
			QueueRef: ref, MaxNumberOfMessages: wire.Int(10), VisibilityTimeout: wire.Int(0), WaitTimeSeconds: wire.Int(20),
			ReceiveRequestAttemptID: "again",
		},
		&wire.DeleteMessageRequest{QueueRef: ref, ReceiptHandle: "handle"},
		&wire.DeleteMessageBatchRequest{QueueRef: ref, Entries: []wire.DeleteMessageBatchEntry{
			{ID: "1", ReceiptHandle: "handle"}, {ID: "2", Err: refusal},
		}},
		&wire.ChangeMessageVisibilityRequest{QueueRef: ref, ReceiptHandle: "handle", VisibilityTimeout: wire.Int(43200)},
		&wire.ChangeMessageVisibilityBatchRequest{QueueRef: ref, Entries: []wire.ChangeMessageVisibilityBatchEntry{
			{ID: "1", ReceiptHandle: "handle", VisibilityTimeout: wire.Int(-1)}, {ID: "2", Err: refusal},
		}},
		&TickCommand{},
		&ReleaseCommand{QueueName: "orders", Handles: []string{"h1", "h2"}},
		&wire.TagQueueRequest{QueueRef: ref, Tags: wire.Pairs{{Name: "k", Value: "v"}}},
		&wire.UntagQueueRequest{QueueRef: ref, TagKeys: wire.Names{"k"}},
		&wire.ListQueueTagsRequest{QueueRef: ref},
		&wire.AddPermissionRequest{
			QueueRef: ref, Label: "l", AWSAccountIDs: wire.Names{"111111111111"}, Actions: wire.Names{"SendMessage"},
		},
		&wire.RemovePermissionRequest{QueueRef: ref, Label: "l"},
		&wire.ListDeadLetterSourceQueuesRequest{QueueRef: ref, MaxResults: wire.Int(10), After: "oa"},
		&AcceptCommand{From: 3, To: 300, First: 12, Moves: []Move{goldenMove(goldenMessage())}},
		&SettleCommand{To: 300, First: 12, Outcomes: []Outcome{Accepted, NoSuchQueue}},
		&wire.StartMessageMoveTaskRequest{
			SourceARN: "arn:dead", Source: "dead", DestinationARN: "arn:orders", Destination: "orders",
			MaxNumberOfMessagesPerSecond: wire.Int(20),
		},
		&wire.CancelMessageMoveTaskRequest{Source: "dead", Task: goldenTask, TaskHandle: goldenTask.Encode()},
		&wire.ListMessageMoveTasksRequest{SourceARN: "arn:dead", Source: "dead", MaxResults: wire.Int(10)},
	}
}

func commandSamples(t *testing.T) (samples []sample) {
	for _, cmd := range goldenCommands() {
		data := AppendCommand(nil, cmd)
		back, err := DecodeCommand(data)
		same(t, back, cmd, err)
		samples = append(samples, sample{cmd.Action(), data})
	}
	return samples
}

// goldenResults has every kind of result with every field in use.
func goldenResults() []Result {
	sent := wire.SendMessageResponse{
		MessageID: "id", MD5OfMessageBody: "b", MD5OfMessageAttributes: "a", MD5OfMessageSystemAttributes: "s",
		SequenceNumber: "1",
	}
	failed := []wire.BatchResultError{{ID: "2", SenderFault: true, Code: "InvalidParameterValue", Message: "why"}}
	return []Result{
		{Err: wire.NoSuchQueue()},
		{Response: wire.Empty{}},
		{Response: &wire.CreateQueueResponse{QueueURL: "orders"}},
		{Response: &wire.GetQueueURLResponse{QueueURL: "orders"}},
		{Response: &wire.ListQueuesResponse{QueueURLs: []string{"a", "b"}, NextToken: "b"}},
		{Response: &wire.GetQueueAttributesResponse{Attributes: wire.Pairs{{Name: "DelaySeconds", Value: "1"}}}},
		{Response: &sent},
		{Response: &wire.SendMessageBatchResponse{
			Successful: []wire.SendMessageBatchResult{{ID: "1", SendMessageResponse: sent}}, Failed: failed,
		}},
		{Response: &wire.ReceiveMessageResponse{Messages: []wire.Message{{
			MessageID: "id", ReceiptHandle: "handle", MD5OfBody: "b", Body: "hello",
			Attributes: wire.Pairs{{Name: "SentTimestamp", Value: "1"}}, MD5OfMessageAttributes: "a",
			MessageAttributes: goldenAttributes(),
		}}}},
		{Response: &wire.BatchResponse{Successful: []wire.BatchResultEntry{{ID: "1"}}, Failed: failed}},
		{Response: &wire.ListQueueTagsResponse{Tags: wire.Pairs{{Name: "k", Value: "v"}}}},
		{Response: &wire.ListDeadLetterSourceQueuesResponse{QueueURLs: []string{"a", "b"}, NextToken: "b"}},
		{Response: &AcceptResponse{First: 12, Outcomes: []Outcome{Accepted, NoSuchQueue}}},
		{Response: &wire.StartMessageMoveTaskResponse{TaskHandle: "handle"}},
		{Response: &wire.CancelMessageMoveTaskResponse{ApproximateNumberOfMessagesMoved: 300}},
		{Response: &wire.ListMessageMoveTasksResponse{Results: []wire.MoveTaskResult{{
			TaskHandle: "handle", Status: wire.MoveTaskFailed, SourceARN: "arn:dead", DestinationARN: "arn:orders",
			MaxNumberOfMessagesPerSecond: wire.Int(20), ApproximateNumberOfMessagesMoved: 2,
			ApproximateNumberOfMessagesToMove: 300, FailureReason: "why", StartedTimestamp: goldenSent,
		}}}},
	}
}

func resultSamples(t *testing.T) (samples []sample) {
	for _, result := range goldenResults() {
		data := AppendResult(nil, result)
		back, err := DecodeResult(data)
		same(t, back, result, err)
		samples = append(samples, sample{fmt.Sprintf("%T", result.Response), data})
	}
	return samples
}

func stampSamples(t *testing.T) []sample {
	s := Stamp{Time: goldenSent, Seed: [32]byte{1, 31: 2}, Limits: goldenLimits}
	data := AppendStamp(nil, s)
	back, err := DecodeStamp(data)
	same(t, back, s, err)
	samples := []sample{{"stamp", data}}
	s.Seed = [32]byte{1, CompactSeed - 1: 2}
	for _, limits := range []Limits{goldenLimits, usualLimits} {
		s.Limits = limits
		data := AppendCompactStamp(nil, s)
		back, err := DecodeCompactStamp(data)
		same(t, back, s, err)
		samples = append(samples, sample{"compact stamp", data})
	}
	return samples
}

func handleSamples(t *testing.T) []sample {
	h := handle{queue: 0x0102, nonce: 0xfeed, position: goldenTrunk, token: 0xabcdef}
	back, ok := parseHandle(h.String())
	if !ok || back != h {
		t.Errorf("parsed %+v, %t; want %+v", back, ok, h)
	}
	return []sample{{h.String(), []byte(h.String())}}
}
