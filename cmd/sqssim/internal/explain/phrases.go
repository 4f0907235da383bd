package explain

import (
	"fmt"
	"strings"

	"sqsd/model"
	"sqsd/wire"
)

// what says in a few words what a step does to the subject.
func (f *failure) what(s *step) string {
	if f.violation.Message == "" {
		return clip(f.words.plain(s.Asked), 160)
	}
	switch r := s.request().(type) {
	case *wire.SendMessageRequest:
		return "sends it: " + content(&r.Outgoing)
	case *wire.SendMessageBatchRequest:
		sent, _ := s.answer()
		if resp, ok := sent.(*wire.SendMessageBatchResponse); ok {
			return "sends it in a batch: " + batchContent(r, resp, f.violation.Message)
		}
	case *wire.ReceiveMessageRequest:
		return f.receives(s, r)
	case *wire.DeleteMessageRequest:
		return "deletes it by " + f.by(s, r.ReceiptHandle)
	case *wire.ChangeMessageVisibilityRequest:
		return f.hides(s, r.VisibilityTimeout, r.ReceiptHandle)
	case *wire.DeleteMessageBatchRequest:
		for i := range r.Entries {
			if _, known := f.words.deliveries[r.Entries[i].ReceiptHandle]; known {
				return "deletes it in a batch by " + f.by(s, r.Entries[i].ReceiptHandle)
			}
		}
	case *wire.ChangeMessageVisibilityBatchRequest:
		for i := range r.Entries {
			if e := &r.Entries[i]; f.words.deliveries[e.ReceiptHandle].number > 0 {
				return f.hides(s, e.VisibilityTimeout, e.ReceiptHandle) + ", in a batch"
			}
		}
	case *model.Release:
		return "takes the delivery back: its client had gone"
	case *model.Accept:
		return "takes it over from another group"
	case *model.Tick, *model.Settle:
		return "time passes"
	case *wire.PurgeQueueRequest:
		return "purges the queue"
	case *wire.DeleteQueueRequest:
		return "deletes the queue"
	}
	return clip(f.words.plain(s.Asked), 90)
}

// by names the delivery whose handle is used, and says if another delivery has taken its place.
func (f *failure) by(s *step, handle string) string {
	text := fmt.Sprintf("the handle of delivery %d", f.words.deliveries[handle].number)
	if queue := queueOf(s.request()); queue != f.home {
		text += " in queue " + queue
	}
	if s.Before.Known && s.Before.Handle != "" && s.Before.Handle != handle {
		text += ", which is stale"
	}
	return text
}

// hides says what a change of visibility does.
func (f *failure) hides(s *step, timeout wire.OptInt, handle string) string {
	if timeout.Value == 0 {
		return "makes it visible by " + f.by(s, handle)
	}
	return fmt.Sprintf("hides it for another %d s by %s", timeout.Value, f.by(s, handle))
}

func (f *failure) receives(s *step, r *wire.ReceiveMessageRequest) string {
	all := s.received()
	for i := range all {
		if all[i].MessageID != f.violation.Message {
			continue
		}
		text := fmt.Sprintf("receives it: delivery %d", f.words.deliveries[all[i].ReceiptHandle].number)
		if s.After.Known && s.After.Fate == model.Held {
			text += ", held until " + since(replicated(s.After.Until))
		} else if r.VisibilityTimeout.Set {
			text += fmt.Sprintf(", to be held for %d s", r.VisibilityTimeout.Value)
		}
		if others := len(all) - 1; others == 1 {
			text += " (with another one)"
		} else if others > 1 {
			text += fmt.Sprintf(" (with %d others)", others)
		}
		return text
	}
	if len(all) == 0 {
		return "receives nothing"
	}
	return "receives others: " + clip(f.words.plain(s.Answered), 60)
}

func content(o *wire.Outgoing) string {
	text := fmt.Sprintf("%q", clip(o.MessageBody, 40))
	if o.DelaySeconds.Or(0) > 0 {
		text += fmt.Sprintf(", delayed by %d s", o.DelaySeconds.Value)
	}
	if o.MessageGroupID != "" {
		text += ", group " + o.MessageGroupID
	}
	return text
}

// batchContent is the content of the entry of a batch that became a message.
func batchContent(r *wire.SendMessageBatchRequest, resp *wire.SendMessageBatchResponse, message string) string {
	for i := range resp.Successful {
		for j := range r.Entries {
			if resp.Successful[i].MessageID == message && r.Entries[j].ID == resp.Successful[i].ID {
				return content(&r.Entries[j].Outgoing)
			}
		}
	}
	return ""
}

// answered says how a step ended for its client.
func (f *failure) answered(s *step) string {
	resp, err := s.answer()
	text := "ok"
	switch {
	case err != nil:
		text = codeOf(err)
	case resp == nil && (s.commit == nil || s.operation == nil):
		text = ""
	case f.violation.Message == "":
		text = clip(f.words.plain(s.Answered), 70)
		if r, ok := resp.(*wire.GetQueueAttributesResponse); ok {
			text = "counters " + counters(r.Attributes)
			if value, ok := r.Attributes.Get(f.attribute); ok && f.attribute != "" {
				text = f.attribute + " " + value + ", " + text
			}
		}
	}
	if s.operation == nil || !s.operation.Unknown {
		return text
	}
	unheard := "the client did not hear it"
	if c := f.index.calls[s.operation.ID]; c.refusal != "" {
		unheard = "the node told its client " + c.refusal
	} else if c.ended > 0 {
		unheard += " and gave up at " + since(c.ended)
	}
	return strings.TrimPrefix(text+", "+unheard, ", ")
}

// state is what the specification holds of the subject, in words.
func (f *failure) state(s model.State) string {
	if !s.Known {
		return ""
	}
	if f.violation.Message == "" {
		return triple(s.Counts)
	}
	text := s.Fate
	switch s.Fate {
	case model.Held:
		text = fmt.Sprintf("held until %s by %s", since(replicated(s.Until)), f.holder(s))
	case model.Delayed:
		text = "delayed until " + since(replicated(s.Until))
	case model.Visible:
		if s.Delivery > 0 {
			text = "visible again"
		}
	}
	if s.Queue != f.home {
		text += ", in queue " + s.Queue
	}
	return text
}

// holder names the delivery that holds the message.
func (f *failure) holder(s model.State) string {
	d := f.words.deliveries[s.Handle]
	if d.number == 0 {
		return fmt.Sprintf("delivery %d", s.Delivery)
	}
	return fmt.Sprintf("delivery %d (%s)", d.number, d.client)
}

// queueOf is the queue that a call names.
func queueOf(req wire.Request) string {
	if r, ok := req.(wire.QueueRequest); ok {
		return r.Ref().Name
	}
	return ""
}

// triple are the counters of a queue as they stand in the table and on the time line.
func triple(c model.Counts) string {
	return fmt.Sprintf("%d / %d / %d", c.Visible, c.InFlight, c.Delayed)
}

// counters are those of an answer, written like a triple.
func counters(attributes wire.Pairs) string {
	var all []string
	for _, name := range []string{wire.AttrMessages, wire.AttrMessagesNotVisible, wire.AttrMessagesDelayed} {
		value, ok := attributes.Get(name)
		if !ok {
			value = "?"
		}
		all = append(all, value)
	}
	return strings.Join(all, " / ")
}

// codeOf is an error's code, short.
func codeOf(err *wire.Error) string {
	return strings.TrimPrefix(err.Code.Query(), "AWS.SimpleQueueService.")
}
