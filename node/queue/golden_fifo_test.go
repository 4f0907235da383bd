package queue

import (
	"bytes"
	"slices"
	"testing"

	"sqsd/wire"
)

func fifoKeySamples(t *testing.T) []sample {
	const id, era = ID(0x0102), 3
	samples := []sample{
		{"attempt", nameKey(nil, classAttempt, id, era, "attempt")},
		{"member", pairKey(nil, classMember, id, 7, 9)},
		{"accepted send", sendKey(nil, id, era, "", "dedup")},
		{"accepted send in a group", sendKey(nil, id, era, "group", "dedup")},
		{"FIFO counts", queueKey(nil, classFIFO, id)},
		{"message group", nameKey(nil, classMessageGroup, id, era, "group")},
		{"held group", numberKey(nil, classHeld, id, 7)},
		{"place", place{ordinal: 9}.key(nil, id)},
		{"ready group", readyGroup{stamp: 5, ordinal: 9}.key(nil, id)},
		{"memo", memo{number: 4}.key(nil, id)},
	}
	if !slices.IsSortedFunc(samples, func(a, b sample) int { return bytes.Compare(a.data, b.data) }) {
		t.Error("keys are not in the order of their classes and numbers")
	}
	return samples
}

func fifoRecordSamples(t *testing.T) []sample {
	a := &attempt{memo: 4, at: goldenSent, ordinals: []uint64{9, 11}}
	e := member{ordinal: 9, first: goldenSent, count: 2}
	send := acceptedSend{memo: 4, at: goldenSent, ordinal: 9, id: messageID{1, 2, 15: 255}}
	g := goldenGroup()
	p := place{ordinal: 9, sent: goldenSent, group: "group"}
	ready := readyGroup{stamp: 5, ordinal: 9, name: "group"}
	kept := memo{number: 4, at: goldenSent, what: memoSend, group: "group", name: "dedup"}
	counts := goldenFIFOCounts()
	message := messageRecord{
		sent: goldenSent, due: goldenSent, id: messageID{1, 2, 15: 255}, bodyMD5: wire.BodyMD5("hello"),
		sender: "AIDA", group: "group", source: "source.fifo", dedup: "dedup", body: "hello",
	}
	samples := []sample{
		{"attempt", a.append(nil)}, {"member", e.append(nil)}, {"accepted send", send.append(nil)},
		{"FIFO counts", counts.append(nil)}, {"message group", g.append(nil)}, {"held group", appendName(nil, g.name)},
		{"place", p.append(nil)}, {"ready group", appendName(nil, ready.name)}, {"memo", kept.append(nil)},
		{"message in a group", message.append(nil)},
	}
	attemptBack, err := parseAttempt(samples[0].data)
	same(t, attemptBack, a, err)
	memberBack, err := parseMember(pairKey(nil, classMember, 1, 7, e.ordinal), samples[1].data)
	same(t, memberBack, e, err)
	sendBack, err := parseAcceptedSend(samples[2].data)
	same(t, sendBack, send, err)
	countsBack, err := parseFIFO(samples[3].data)
	same(t, countsBack, counts, err)
	groupBack, err := parseMessageGroup(g.name, samples[4].data)
	same(t, groupBack, g, err)
	nameBack, err := parseName(samples[5].data)
	same(t, nameBack, g.name, err)
	placeBack, err := parsePlace(p.key(nil, 1), samples[6].data)
	same(t, placeBack, p, err)
	readyBack, err := parseReady(ready.key(nil, 1), samples[7].data)
	same(t, readyBack, ready, err)
	memoBack, err := parseMemo(kept.key(nil, 1), samples[8].data)
	same(t, memoBack, kept, err)
	messageBack, err := parseMessage(samples[9].data)
	same(t, messageBack, message, err)
	return samples
}

func goldenGroup() *group {
	g := &group{name: "group", number: 7, stamp: 5, first: member{ordinal: 11, first: goldenSent, count: 1}, unreceived: 3, due: 2}
	g.received = []*delivery{
		{
			position: position{7, trunk}, first: goldenSent, last: goldenSent + 1, visibleAt: goldenSent + 30_001, count: 2,
			token: 0xabcdef, attempt: 4, group: g,
		},
		{position: position{9, trunk}, first: goldenSent, last: goldenSent, count: 1, stays: true, leaving: true, group: g},
	}
	return g
}

func goldenFIFOCounts() fifoRecord {
	var c fifoRecord
	for i, n := range c.numbers() {
		*n = uint64(i + 1)
	}
	c.swept = goldenSent
	return c
}
