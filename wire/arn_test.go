package wire

import "testing"

func TestQueueARNsRoundTrip(t *testing.T) {
	arn := QueueARN("eu-west-1", "123456789012", "q.fifo")
	if arn != "arn:aws:sqs:eu-west-1:123456789012:q.fifo" {
		t.Fatalf("got %s", arn)
	}
	region, account, name, ok := ParseARN(arn)
	if region != "eu-west-1" || account != "123456789012" || name != "q.fifo" || !ok {
		t.Errorf("got %s %s %s %v", region, account, name, ok)
	}
	if _, _, _, ok := ParseARN("arn:aws-cn:sqs:cn-north-1:1:q"); !ok {
		t.Error("another partition is refused")
	}
}

func TestTextsThatAreNoQueueARN(t *testing.T) {
	for _, text := range []string{
		"", "q", "arn:aws:sqs:r:1", "arn:aws:sqs:r:1:q:x", "urn:aws:sqs:r:1:q", "arn:aws:sns:r:1:q", "arn:aws:sqs::1:q",
		"arn:aws:sqs:r::q", "arn:aws:sqs:r:x:q", "arn:aws:sqs:r:1:", "arn:aws:sqs:r:1:a.b", "arn::sqs:r:1:q", " arn:aws:sqs:r:1:q",
	} {
		if _, _, _, ok := ParseARN(text); ok {
			t.Errorf("%q was accepted", text)
		}
	}
}
