package wire

import (
	"encoding/base64"
	"strings"
	"testing"

	"sqsd/wire/wiretest"
)

const goldenTask, goldenHandle = wiretest.TaskID, wiretest.TaskHandle

func TestTaskHandleHasItsGoldenForm(t *testing.T) {
	h := TaskHandle{goldenTask, "arn:aws:sqs:us-east-1:000000000000:dead"}
	if got := h.Encode(); got != goldenHandle {
		t.Errorf("got %s", got)
	}
	if again, ok := ParseTaskHandle(goldenHandle); !ok || again != h {
		t.Errorf("got %+v, %v", again, ok)
	}
}

func TestTextsThatAreNoTaskHandle(t *testing.T) {
	const task, source = `"taskId":"` + goldenTask + `"`, `"sourceArn":"arn:aws:sqs:r:0:d"`
	for _, text := range []string{
		``, `{}`, `[]`, `null`, `{` + task + `}`, `{` + source + `}`, `{` + source + `,` + task + `}`, `{` + task + `, ` + source + `}`,
		`{` + task + `,` + source + `,"x":1}`, `{` + task + `,"sourceArn":"d"}`, `{"taskId":"1",` + source + `}`,
		`{"taskId":"` + strings.ToUpper(goldenTask) + `",` + source + `}`, `{` + task + `,` + source + `}` + strings.Repeat(" ", 1024),
	} {
		if _, ok := ParseTaskHandle(base64.StdEncoding.EncodeToString([]byte(text))); ok {
			t.Errorf("%s was accepted", text)
		}
	}
	for _, text := range []string{"*", goldenHandle + "\n", strings.TrimRight(goldenHandle, "="), goldenTask} {
		if _, ok := ParseTaskHandle(text); ok {
			t.Errorf("%q was accepted", text)
		}
	}
}

func FuzzTaskHandle(f *testing.F) {
	f.Add(goldenHandle, true)
	f.Add(`{"taskId":"`+goldenTask+`","sourceArn":"arn:aws:sqs:r:0:d"}`, false)
	f.Fuzz(func(t *testing.T, text string, encoded bool) {
		if !encoded {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		if h, ok := ParseTaskHandle(text); ok && h.Encode() != text {
			t.Errorf("%q became %+v", text, h)
		}
	})
}

func TestMoveTaskRequestsNameTheirQueues(t *testing.T) {
	start := &StartMessageMoveTaskRequest{SourceARN: "arn:aws:sqs:r:0:a", DestinationARN: "arn:aws:sqs:r:0:b"}
	if err := start.content(); err != nil || start.Source != "a" || start.Destination != "b" {
		t.Errorf("got %+v, %v", start, err)
	}
	cancel := &CancelMessageMoveTaskRequest{TaskHandle: goldenHandle}
	if err := cancel.content(); err != nil || cancel.Source != "dead" || cancel.Task.TaskID != goldenTask {
		t.Errorf("got %+v, %v", cancel, err)
	}
	list := &ListMessageMoveTasksRequest{SourceARN: "arn:aws:sqs:r:0:a"}
	if err := list.content(); err != nil || list.Source != "a" {
		t.Errorf("got %+v, %v", list, err)
	}
}
