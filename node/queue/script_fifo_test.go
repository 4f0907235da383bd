package queue

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"

	"sqsd/wire"
)

// intoGroup gives a message its group, and one to a FIFO queue its deduplication id.
func intoGroup(queue string, o *wire.Outgoing, args scriptArgs) {
	if !wire.IsFIFO(queue) {
		if o.MessageGroupID = args.text("group"); o.MessageGroupID == "each" {
			o.MessageGroupID = o.MessageBody
		}
		return
	}
	o.MessageBody, o.MessageDeduplicationID, _ = strings.Cut(o.MessageBody, ":")
	if o.MessageDeduplicationID == "" {
		o.MessageDeduplicationID = o.MessageBody
	}
	if dedup := args.text("dedup"); dedup != "" {
		o.MessageDeduplicationID = dedup
	}
	if o.MessageDeduplicationID == "-" {
		o.MessageDeduplicationID = ""
	}
	o.MessageGroupID = args.text("group")
	if o.MessageGroupID == "" {
		o.MessageGroupID = o.MessageBody[:1]
	}
}

// sendGroups sends numbered messages, each to a group of its own, in one entry.
func (s *script) sendGroups(d *datadriven.TestData) string {
	s.entry++
	stamp := Stamp{Time: s.clock, Limits: s.limits}
	binary.BigEndian.PutUint64(stamp.Seed[:], s.entry)
	s.machine.Begin(stamp)
	for i := range wantNumber(s.t, d) {
		req := &wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: d.CmdArgs[0].Key}}
		req.MessageBody = strconv.Itoa(i + 1)
		req.MessageGroupID, req.MessageDeduplicationID = req.MessageBody, req.MessageBody
		s.machine.Apply(req, false)
	}
	s.machine.Flush()
	s.check()
	return "ok\n"
}

// describeSent prints the sequence number of a message to a FIFO queue if it is to be shown. Whatever has one sequence
// number must have one id.
func (s *script) describeSent(args scriptArgs, v *wire.SendMessageResponse) string {
	if v.SequenceNumber == "" {
		return ""
	}
	id, _ := s.machine.Lookup(args.name(0))
	name := fmt.Sprintf("queue %d, message %s", id, v.SequenceNumber)
	if before, known := s.handles[name]; known && before != v.MessageID {
		return fmt.Sprintf("message %s has another id than before\n", v.SequenceNumber)
	}
	s.handles[name] = v.MessageID
	if args.name(1) != "shown" {
		return ""
	}
	return v.SequenceNumber + "\n"
}

// describeGroup prints what only messages of FIFO queues have.
func describeGroup(out *strings.Builder, v *wire.Message) {
	for _, name := range []string{"MessageGroupId", "MessageDeduplicationId", "SequenceNumber"} {
		value, _ := v.Attributes.Get(name)
		fmt.Fprintf(out, ", %s", value)
	}
}
