package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestAWorkerSaysMoreOfAFailureThanItsPromise(t *testing.T) {
	text, err := json.Marshal(job{Plan: failingPlan(t)})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := work(bytes.NewReader(text), &out); err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Promise == "" || r.Class != r.Promise {
		t.Errorf("the shrinker is told %q of a failure of %q", r.Class, r.Promise)
	}
	if !strings.HasPrefix(r.Kind, r.Promise+" ") {
		t.Errorf("the sweep is told %q of %q", r.Kind, r.Failure)
	}
}
