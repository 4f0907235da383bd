package wire

import (
	"strings"
	"testing"
)

func TestBodyCharacters(t *testing.T) {
	for body, want := range map[string]bool{
		"plain": true, "\t\n\r": true, "\u007f\u0080\u009f": true, "\ud7ff\ue000\ufffd": true, "\U00010000\U0010ffff": true,
		"\x00": false, "\x08": false, "\x0b": false, "\x1f": false, "\ufffe": false, "a\uffff": false, "\xff": false, "\xed\xa0\x80": false,
	} {
		m := Outgoing{MessageBody: body}
		err := m.check(false)
		if want && err != nil || !want && (err == nil || err.Code != InvalidMessageContents) {
			t.Errorf("%q: got %v", body, err)
		}
	}
}

func TestMessageSizeCountsBodyAndAttributes(t *testing.T) {
	m := Outgoing{
		MessageBody: "é1", // three bytes
		MessageAttributes: MessageAttributes{
			{Name: "ab", DataType: "Number.int", StringValue: "12"},       // 14
			{Name: "c", DataType: "Binary", BinaryValue: []byte{1, 2, 3}}, // 10
		},
		MessageSystemAttributes: MessageAttributes{{Name: traceHeader, DataType: "String", StringValue: "x"}},
	}
	if got := MessageSize(&m); got != 27 {
		t.Errorf("got %d", got)
	}
	if err := CheckMessageSize(&m, 27); err != nil {
		t.Errorf("the limit itself: %v", err)
	}
	if err := CheckMessageSize(&m, 26); err == nil || err.Code != InvalidParameterValue {
		t.Errorf("over the limit: %v", err)
	}
}

func TestMessageAttributeNames(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "A_b-c.9": true, "é": true, "ÿ": true, "AWS": true, "awsome": true, "amazonas": true, strings.Repeat("n", 256): true,
		strings.Repeat("é", 256): true,
		"":                       false, ".a": false, "a.": false, "a..b": false, "AWS.x": false, "aWs.x": false, "Amazon.x": false, "aMAZON.x": false,
		"a!": false, `a"`: false, "§": false, "a(": false, "a?": false, "a b": false, "日": false, strings.Repeat("n", 257): false,
	} {
		expectAttribute(t, MessageAttribute{Name: name, DataType: "String", StringValue: "v"}, want)
	}
}

func TestMessageAttributeTypesAndValues(t *testing.T) {
	label := strings.Repeat("l", 249) // with "String." 256 characters
	for _, c := range []struct {
		a    MessageAttribute
		want bool
	}{
		{MessageAttribute{DataType: "String", StringValue: "v\u0085"}, true},
		{MessageAttribute{DataType: "String.json", StringValue: "v"}, true},
		{MessageAttribute{DataType: "String." + label, StringValue: "v"}, true},
		{MessageAttribute{DataType: "Binary.gif", BinaryValue: []byte{0}}, true},
		{MessageAttribute{DataType: "Number.int", StringValue: "1"}, true},
		{MessageAttribute{DataType: "String." + label + "l", StringValue: "v"}, false},
		{MessageAttribute{DataType: "", StringValue: "v"}, false},
		{MessageAttribute{DataType: "string", StringValue: "v"}, false},
		{MessageAttribute{DataType: "Strings", StringValue: "v"}, false},
		{MessageAttribute{DataType: "String.", StringValue: "v"}, false},
		{MessageAttribute{DataType: "String.\ufffe", StringValue: "v"}, false},
		{MessageAttribute{DataType: "String"}, false},
		{MessageAttribute{DataType: "Number"}, false},
		{MessageAttribute{DataType: "Binary"}, false},
		{MessageAttribute{DataType: "String", BinaryValue: []byte{1}}, false},
		{MessageAttribute{DataType: "Binary", StringValue: "v"}, false},
		{MessageAttribute{DataType: "Binary", StringValue: "v", BinaryValue: []byte{1}}, false},
		{MessageAttribute{DataType: "String", StringValue: "\x01"}, false},
		{MessageAttribute{DataType: "Number", StringValue: "one"}, false},
	} {
		c.a.Name = "n"
		expectAttribute(t, c.a, c.want)
	}
}

func expectAttribute(t *testing.T, a MessageAttribute, want bool) {
	t.Helper()
	err := a.check()
	if want && err != nil || !want && (err == nil || err.Code != InvalidParameterValue) {
		t.Errorf("%+v: got %v", a, err)
	}
}

func TestNumberValues(t *testing.T) {
	digits38, digits39 := strings.Repeat("9", 38), strings.Repeat("9", 39)
	for text, want := range map[string]bool{
		"0": true, "-0.000": true, "+1": true, "12.50": true, ".5": true, "5.": true, "1e10": true, "1E-10": true, "-1.5e+3": true,
		digits38: true, "0." + digits38: true, "1" + strings.Repeat("0", 100): true, "1e126": true, "0.1e127": true, "9e125": true,
		"1e-128": true, "000" + digits38 + "000": true, "0e9999": true,
		"": false, "-": false, ".": false, "e5": false, "1e": false, "1e+": false, "1e+-5": false, "--1": false, "1.2.3": false, "0x1": false,
		"NaN": false, "Infinity": false, " 1": false, "1 ": false, "1,000": false, digits39: false, "1e127": false, "2e126": false,
		"1e-129": false, "0.1e-128": false, "1e99999999999": false,
	} {
		if got := isNumber(text); got != want {
			t.Errorf("isNumber(%q) = %v", text, got)
		}
	}
}

func TestGroupAndDeduplicationIDs(t *testing.T) {
	const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	for id, want := range map[string]bool{
		"tenant-1": true, punctuation: true, strings.Repeat("x", 128): true,
		"a b": false, "é": false, "\x7f": false, "\t": false, strings.Repeat("x", 129): false,
	} {
		for _, fifo := range []bool{false, true} {
			m := Outgoing{MessageBody: "b", MessageGroupID: id}
			if err := m.check(fifo); (err == nil) != want || err != nil && err.Code != InvalidParameterValue {
				t.Errorf("group id %q, FIFO %v: got %v", id, fifo, err)
			}
		}
		m := Outgoing{MessageBody: "b", MessageGroupID: "g", MessageDeduplicationID: id}
		if err := m.check(true); (err == nil) != want || err != nil && err.Code != InvalidParameterValue {
			t.Errorf("deduplication id %q: got %v", id, err)
		}
		if err := m.check(false); err == nil || err.Code != InvalidParameterValue {
			t.Errorf("deduplication id %q on a standard queue: got %v", id, err)
		}
	}
}

func TestFIFOMessageHasNoDelayOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		delay      OptInt
		fifo, want bool
	}{{OptInt{}, true, true}, {Int(0), true, true}, {Int(1), true, false}, {Int(1), false, true}} {
		m := Outgoing{MessageBody: "b", DelaySeconds: c.delay}
		if err := m.check(c.fifo); (err == nil) != c.want {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}
