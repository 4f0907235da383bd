package model

import "sqsd/wire"

// Sends to a FIFO queue that are duplicates of each other may differ in all but the deduplication id, and clients cannot
// tell which one was the first and is the message.

// addContent takes note of what a message may be.
func (s *survey) addContent(m *sighting, out *wire.Outgoing) {
	known := false
	for _, c := range m.contents {
		known = known || c.MessageBody == out.MessageBody
	}
	m.contents = append(m.contents, out)
	if known {
		return
	}
	s.withBody[out.MessageBody] = append(s.withBody[out.MessageBody], m)
	key := bodyKey{m.queue, out.MessageBody}
	s.byBody[key] = append(s.byBody[key], m)
}

// closeContents decides what each message is: what was received or, if nothing was, what all its sends agree on.
func (s *survey) closeContents() {
	for _, m := range s.messages {
		if len(m.receipts) > 0 {
			m.become(m.receipts[0].message)
			continue
		}
		for _, c := range m.contents {
			m.unsure = m.unsure || c.MessageGroupID != m.out.MessageGroupID || c.MessageBody != m.out.MessageBody
		}
	}
}

// become chooses the content that was received, if it is among those that the message may be.
func (m *sighting) become(got *wire.Message) {
	group, _ := got.Attributes.Get("MessageGroupId")
	for _, c := range m.contents {
		if c.MessageBody == got.Body && c.MessageGroupID == group {
			m.out = c
			return
		}
	}
}

// bodies are those that a message may have.
func (m *sighting) bodies() []string {
	if !m.unsure {
		return []string{m.out.MessageBody}
	}
	var all []string
	for _, c := range m.contents {
		all = append(all, c.MessageBody)
	}
	return all
}

// groups are the message groups that a message may be of.
func (m *sighting) groups() []string {
	if !m.unsure {
		return []string{m.group()}
	}
	var all []string
	for _, c := range m.contents {
		all = append(all, c.MessageGroupID)
	}
	return all
}

// era is how many times the queue had certainly been deleted before a message came to it. ok is false if it may have been
// deleted at just that time. Sequence numbers say nothing from one era to another.
func (s *survey) era(m *sighting) (n int, ok bool) {
	if m.send == nil {
		return 0, false
	}
	from, by := m.stored()
	for _, d := range s.byQueue[m.queue].removals {
		switch {
		case d.end() < from:
			n++
		case d.Call <= by:
			return 0, false
		}
	}
	return n, true
}
