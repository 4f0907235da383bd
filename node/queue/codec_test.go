package queue

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// FuzzDecodeCommand: whatever the bytes are, decoding does not panic, and what decodes encodes to the same bytes.
func FuzzDecodeCommand(f *testing.F) {
	for _, cmd := range goldenCommands() {
		f.Add(AppendCommand(nil, cmd))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cmd, err := DecodeCommand(data)
		if err != nil {
			return
		}
		if again := AppendCommand(nil, cmd); !bytes.Equal(again, data) {
			t.Errorf("%x decodes to %+v, which is %x", data, cmd, again)
		}
	})
}

// FuzzDecodeResult is like FuzzDecodeCommand.
func FuzzDecodeResult(f *testing.F) {
	for _, result := range goldenResults() {
		f.Add(AppendResult(nil, result))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := DecodeResult(data)
		if err != nil {
			return
		}
		if again := AppendResult(nil, result); !bytes.Equal(again, data) {
			t.Errorf("%x decodes to %+v, which is %x", data, result, again)
		}
	})
}

// FuzzDecodeStamp is like FuzzDecodeCommand.
func FuzzDecodeStamp(f *testing.F) {
	f.Add(AppendStamp(nil, Stamp{Time: 1, Limits: DefaultLimits()}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := DecodeStamp(data)
		if err != nil {
			return
		}
		if again := AppendStamp(nil, s); !bytes.Equal(again, data) {
			t.Errorf("%x decodes to %+v, which is %x", data, s, again)
		}
	})
}

// FuzzDecodeCompactStamp is like FuzzDecodeCommand.
func FuzzDecodeCompactStamp(f *testing.F) {
	f.Add(AppendCompactStamp(nil, Stamp{Time: 1, Limits: usualLimits}))
	f.Add(AppendCompactStamp(nil, Stamp{Time: 1, Limits: goldenLimits}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := DecodeCompactStamp(data)
		if err != nil {
			return
		}
		if again := AppendCompactStamp(nil, s); !bytes.Equal(again, data) {
			t.Errorf("%x decodes to %+v, which is %x", data, s, again)
		}
	})
}

// FuzzHandle: a text is a handle only if it is that handle's one spelling.
func FuzzHandle(f *testing.F) {
	good := handle{queue: 1, nonce: 2, position: position{3, trunk}, token: 4}.String()
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(strings.ToLower(good))
	f.Fuzz(func(t *testing.T, text string) {
		if h, ok := parseHandle(text); ok && h.String() != text {
			t.Errorf("%q is read as %q", text, h)
		}
	})
}

// FuzzRecords: damaged values are refused or read, without a panic.
func FuzzRecords(f *testing.F) {
	for _, s := range slices.Concat(recordSamples(&testing.T{}), fifoRecordSamples(&testing.T{})) {
		f.Add(s.data)
	}
	key := positionKey(nil, classDelivery, 1, position{1, trunk})
	f.Fuzz(func(t *testing.T, value []byte) {
		_, _ = parseGroup(value)
		_, _ = parseCatalog(value)
		_, _ = parseCounts(value)
		_, _, _ = parseMessageTimes(value)
		_, _ = parseDelivery(key, value)
		_, _ = parseGrave(key, value)
		_, _ = parseSent(value)
		_, _ = parseArrival(key, value)
		_, _ = parseAge(key, value)
		_, _ = parseTenant("t", value)
		_, _ = parseShown(key, value)
		_, _, _ = parseTenantMessage(tenantMessageKey(nil, 1, "t", position{1, 2}), value)
		_, _ = parseTurn(tenant{}.key(nil, 1), value)
		_, _ = parseTimer(timer{}.key(nil, 1), value)
		_, _ = parsePost(value)
		_, _ = parseTask(key, value)
		_, _ = parseInbox(key[:1+4], value)
		if o, err := parseOutgoing(value); err == nil && !bytes.Equal(o.append(nil), value) {
			t.Errorf("%x is read as %+v", value, o)
		}
		parseFIFORecords(value)
		if m, err := parseMessage(value); err == nil && !bytes.Equal(m.append(nil), value) {
			t.Errorf("%x is read as %+v", value, m)
		}
	})
}

func TestCommandsThatAreCutOrOfAnUnknownVersionAreRefused(t *testing.T) {
	for _, cmd := range goldenCommands() {
		data := AppendCommand(nil, cmd)
		for n := range data {
			if got, err := DecodeCommand(data[:n]); err == nil {
				t.Errorf("%s cut to %d of %d bytes decodes to %+v", cmd.Action(), n, len(data), got)
			}
		}
		if _, err := DecodeCommand(append([]byte{commandVersion + 1}, data[1:]...)); err == nil {
			t.Errorf("%s of the next version was accepted", cmd.Action())
		}
		if _, err := DecodeCommand(append(data, 0)); err == nil {
			t.Errorf("%s with a trailing byte was accepted", cmd.Action())
		}
	}
	if _, err := DecodeCommand([]byte{commandVersion, 255}); err == nil {
		t.Error("an unknown action was accepted")
	}
}

func TestAnyChangedCharacterMakesAHandleInvalid(t *testing.T) {
	good := handle{queue: 1, nonce: 2, position: position{3, trunk}, token: 4}.String()
	for i := range good {
		for _, c := range []byte("A_-9z\n=+") {
			text := good[:i] + string(c) + good[i+1:]
			if _, ok := parseHandle(text); ok && text != good {
				t.Errorf("%q is accepted", text)
			}
		}
	}
}

// parseFIFORecords reads a value as each of those that only FIFO queues have.
func parseFIFORecords(value []byte) {
	pair, number := pairKey(nil, classMember, 1, 2, 3), numberKey(nil, classPlace, 1, 2)
	_, _ = parseAttempt(value)
	_, _ = parseMember(pair, value)
	_, _ = parseAcceptedSend(value)
	_, _ = parseFIFO(value)
	_, _ = parseMessageGroup("g", value)
	_, _ = parseName(value)
	_, _ = parsePlace(number, value)
	_, _ = parseReady(pair, value)
	_, _ = parseMemo(number, value)
}
