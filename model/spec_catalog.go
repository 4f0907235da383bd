package model

import (
	"slices"
	"strings"

	"sqsd/wire"
)

// maxListed is how many queues a listing returns at most.
const maxListed = 1000

func (s *Spec) createQueue(req *wire.CreateQueueRequest, a answer) *Violation {
	name := req.QueueName
	if q := s.queue(name); q != nil {
		if differing := wire.DifferingAttribute(q.attributes, req.Attributes); differing != "" {
			return a.refused(wire.QueueNameExists, Linearizable, name, req.Action(), "its "+differing+" is different")
		}
		return s.created(q, a)
	}
	if at, ok := s.deleted[name]; ok && s.now < at+wire.Time(s.config.DeletedQueueWindow) {
		return a.refused(wire.QueueDeletedRecently, Incarnations, name, req.Action(), "a queue of that name was deleted just now")
	}
	attributes := wire.MergeAttributes(wire.DefaultAttributes(wire.IsFIFO(name)), req.Attributes)
	tags, _ := wire.MergeTags(nil, req.Tags)
	s.numbered++
	q := &queueState{name: name, serial: s.numbered, attributes: attributes, tags: tags, createdAt: s.now, modifiedAt: s.now,
		fifo: newFIFO(name), stamps: map[string]int{}}
	i, _ := s.place(name)
	s.queues = slices.Insert(s.queues, i, q)
	return s.created(q, a)
}

func (s *Spec) created(q *queueState, a answer) *Violation {
	if !a.seen {
		return nil
	}
	result, v := accepted[*wire.CreateQueueResponse](a, Linearizable, q.name, "CreateQueue")
	if v == nil && result.QueueURL != q.name {
		v = violated(Linearizable, q.name, "", "CreateQueue answered with queue %q", result.QueueURL)
	}
	return v
}

func (s *Spec) deleteQueue(q *queueState, a answer) *Violation {
	for len(q.messages) > 0 {
		s.end(q.messages[0], goneQueue)
	}
	i, _ := s.place(q.name)
	s.queues = slices.Delete(s.queues, i, i+1)
	s.deleted[q.name] = s.now
	return a.done(Linearizable, q.name, "", "DeleteQueue")
}

func (s *Spec) getQueueURL(req *wire.GetQueueURLRequest, a answer) *Violation {
	name := req.QueueName
	if s.queue(name) == nil {
		return s.noQueue(&wire.DeleteQueueRequest{QueueRef: wire.QueueRef{Name: name}}, a)
	}
	if !a.seen {
		return nil
	}
	result, v := accepted[*wire.GetQueueURLResponse](a, Linearizable, name, req.Action())
	if v == nil && result.QueueURL != name {
		v = violated(Linearizable, name, "", "GetQueueUrl answered with queue %q", result.QueueURL)
	}
	return v
}

func (s *Spec) listQueues(req *wire.ListQueuesRequest, a answer) *Violation {
	if !a.seen {
		return nil
	}
	var want []string
	for _, q := range s.queues {
		if strings.HasPrefix(q.name, req.QueueNamePrefix) && q.name > req.After {
			want = append(want, q.name)
		}
	}
	want, token := page(want, req.MaxResults)
	result, v := accepted[*wire.ListQueuesResponse](a, Linearizable, "", req.Action())
	if v != nil {
		return v
	}
	return checkPage(req.Action(), result.QueueURLs, result.NextToken, want, token)
}

// page is the first page of a listing, and where the next one begins. Without a maximum there is no next one.
func page(names []string, most wire.OptInt) (first []string, token string) {
	limit := int(most.Or(maxListed))
	if len(names) <= limit {
		return names, ""
	}
	first = names[:limit]
	if most.Set {
		token = first[limit-1]
	}
	return first, token
}

func checkPage(action string, got []string, gotToken string, want []string, token string) *Violation {
	if slices.Equal(got, want) && gotToken == token {
		return nil
	}
	return violated(Linearizable, firstDifference(got, want), "", "%s answered %q, next %q; want %q, next %q", action, got,
		gotToken, want, token)
}

// firstDifference is the first name in which two sorted lists differ.
func firstDifference(got, want []string) string {
	for i, name := range want {
		if i >= len(got) || got[i] > name {
			return name
		}
		if got[i] != name {
			return got[i]
		}
	}
	if len(got) > len(want) {
		return got[len(want)]
	}
	return ""
}
