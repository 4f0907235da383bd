package wire

import (
	"testing"
)

// unsupportedSamples has a call for each line of unsupportedCases; the line and its sample go together.
var unsupportedSamples = map[string]refusal{
	"a FIFO queue": {operation: "CreateQueue", body: `{"QueueName":"n.fifo","Attributes":{"FifoQueue":"true"}}`},
}

func TestWhatIsNotImplementedIsRefused(t *testing.T) {
	if len(unsupportedSamples) != len(unsupportedCases) {
		t.Errorf("%d samples for %d cases", len(unsupportedSamples), len(unsupportedCases))
	}
	for _, c := range unsupportedCases {
		t.Run(c.what, func(t *testing.T) {
			sample := unsupportedSamples[c.what]
			backend := new(fakeBackend)
			h := newTestHandler(t, backend, Config{})
			expectRefusal(t, post(h, sample.operation, sample.body), UnsupportedOperation)
			expectXMLRefusal(t, postForm(h, "/", formOf(t, sample.operation, sample.body)), UnsupportedOperation)
			if len(backend.got) > 0 {
				t.Errorf("the backend got %v", backend.got)
			}
		})
	}
}
