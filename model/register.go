package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"sqsd/wire"
)

// nameState is the queues of one name in porcupine's eyes: a register that holds attributes, or nothing.
type nameState struct {
	exists     bool
	attributes string // those that can be set, as joinPairs writes them
	tags       string // likewise
	wasDeleted bool
	// deletedFrom and deletedBy bound when the last one was deleted.
	deletedFrom, deletedBy int64
	lo                     int64 // the latest change that was linearized has no earlier time
}

// nameInput is an operation on a name.
type nameInput struct {
	op        *Operation
	window    int64 // the deleted-queue window, in ns
	tolerance int64
	arn       string // of the queue, which its policy names; empty if the history does not say
	listed    bool   // of a listing: the name is in it
}

// nameModel gives every state that may follow: an operation of unknown outcome may have been refused.
var nameModel = porcupine.NondeterministicModel{
	Init: func() []any { return []any{nameState{}} },
	Step: func(state, input, _ any) []any {
		s := state.(nameState)
		in := input.(nameInput)
		if in.changes() {
			s.lo = max(s.lo, in.op.Call)
		}
		if in.op.Unknown {
			return s.perhaps(&in)
		}
		if !s.step(&in) {
			return nil
		}
		return []any{s}
	},
	Hash:              func(state any) uint64 { s := state.(nameState); return s.hash() },
	DescribeOperation: func(input, _ any) string { in := input.(nameInput); return in.String() },
	DescribeState:     func(state any) string { s := state.(nameState); return s.String() },
}

// changes says that an operation may be a command, whose time is none before its call. What was read may be from before a
// command of an earlier time, which took long to commit.
func (in *nameInput) changes() bool {
	switch in.op.Request.(type) {
	case *wire.CreateQueueRequest, *wire.DeleteQueueRequest, *wire.SetQueueAttributesRequest, *wire.PurgeQueueRequest:
		return in.op.Err == nil
	}
	return in.op.Err == nil && isEdit(in.op.Request)
}

// perhaps gives the states after an operation whose outcome is unknown.
func (s nameState) perhaps(in *nameInput) []any {
	after := s
	switch r := in.op.Request.(type) {
	case *wire.CreateQueueRequest:
		if !s.exists {
			after.create(r)
		}
	case *wire.DeleteQueueRequest:
		after.remove(in)
	case *wire.SetQueueAttributesRequest:
		after.set(r.Attributes)
	default:
		after.edit(in)
	}
	if after == s {
		return []any{s}
	}
	return []any{after, s}
}

// step judges an answer and moves the state on.
func (s *nameState) step(in *nameInput) bool {
	if in.op.Err != nil {
		return s.refuses(in)
	}
	switch r := in.op.Request.(type) {
	case *wire.CreateQueueRequest:
		if s.exists {
			return wire.DifferingAttribute(splitPairs(s.attributes), r.Attributes) == ""
		}
		early := s.wasDeleted && in.op.Return+in.tolerance < s.deletedFrom+in.window
		s.create(r)
		return !early
	case *wire.DeleteQueueRequest:
		existed := s.exists
		s.remove(in)
		return existed
	case *wire.SetQueueAttributesRequest:
		existed := s.exists
		s.set(r.Attributes)
		return existed
	case *wire.GetQueueAttributesRequest:
		return s.exists && s.shows(in)
	case *wire.ListQueuesRequest:
		return s.exists == in.listed
	case *wire.ListQueueTagsRequest:
		got, ok := in.op.Response.(*wire.ListQueueTagsResponse)
		return s.exists && ok && joinPairs(got.Tags) == s.tags
	}
	return s.exists && s.edit(in) == nil
}

func (s *nameState) refuses(in *nameInput) bool {
	switch in.op.Err.Code {
	case wire.QueueDoesNotExist:
		return !s.exists
	case wire.QueueNameExists:
		r, ok := in.op.Request.(*wire.CreateQueueRequest)
		return ok && s.exists && wire.DifferingAttribute(splitPairs(s.attributes), r.Attributes) != ""
	case wire.QueueDeletedRecently:
		return !s.exists && s.wasDeleted && in.op.Call-in.window-in.tolerance <= s.deletedBy
	}
	if edited := *s; s.exists && isEdit(in.op.Request) {
		err := edited.edit(in)
		return err != nil && err.Code == in.op.Err.Code
	}
	return true
}

func (s *nameState) create(r *wire.CreateQueueRequest) {
	s.exists = true
	s.attributes = joinPairs(wire.MergeAttributes(wire.DefaultAttributes(wire.IsFIFO(r.QueueName)), r.Attributes))
	tags, _ := wire.MergeTags(nil, r.Tags)
	s.tags = joinPairs(tags)
}

func (s *nameState) remove(in *nameInput) {
	if s.exists {
		*s = nameState{wasDeleted: true, deletedFrom: s.lo, deletedBy: in.op.end(), lo: s.lo}
	}
}

func (s *nameState) set(attributes wire.Pairs) {
	if s.exists {
		s.attributes = joinPairs(wire.MergeAttributes(splitPairs(s.attributes), attributes))
	}
}

// optionalAttributes are shown only if they were set.
var optionalAttributes = []string{wire.AttrPolicy, wire.AttrRedrivePolicy, wire.AttrRedriveAllowPolicy, wire.AttrKMSMasterKeyID,
	wire.AttrKMSReusePeriod}

// shows compares the attributes that a client saw, of those that can be set, with the register.
func (s *nameState) shows(in *nameInput) bool {
	got, ok := in.op.Response.(*wire.GetQueueAttributesResponse)
	if !ok {
		return false
	}
	have := splitPairs(s.attributes)
	for _, pair := range got.Attributes {
		if pair.Name == wire.AttrPolicy && in.arn == "" {
			continue
		}
		value, ok := have.Get(pair.Name)
		if ok && value != pair.Value || !ok && slices.Contains(optionalAttributes, pair.Name) {
			return false
		}
	}
	return true
}

// joinPairs writes pairs as a text, so that states can be compared. splitPairs reads it.
func joinPairs(pairs wire.Pairs) string {
	var b strings.Builder
	for _, p := range pairs {
		b.WriteString(p.Name + "\x00" + p.Value + "\x00")
	}
	return b.String()
}

func splitPairs(text string) (pairs wire.Pairs) {
	parts := strings.Split(text, "\x00")
	for i := 0; i+1 < len(parts); i += 2 {
		pairs = append(pairs, wire.Pair{Name: parts[i], Value: parts[i+1]})
	}
	return pairs
}

func (s *nameState) hash() uint64 {
	return newHash().flag(s.exists).text(s.attributes).text(s.tags).flag(s.wasDeleted).number(s.deletedFrom).number(s.deletedBy).
		number(s.lo).sum()
}

// String is the operation for the page.
func (in *nameInput) String() string {
	o := in.op
	if _, listing := o.Request.(*wire.ListQueuesRequest); listing {
		return fmt.Sprintf("listed: %t", in.listed)
	}
	if o.Unknown {
		return describeRequest(o.Request) + ": unknown"
	}
	return describeRequest(o.Request) + ": " + describeAnswer(answer{response: o.Response, err: o.Err})
}

// String is the state for the page.
func (s *nameState) String() string {
	switch {
	case s.exists:
		return "exists:" + describePairs(splitPairs(s.attributes))
	case s.wasDeleted:
		return fmt.Sprintf("deleted between %s and %s", seconds(s.deletedFrom), seconds(s.deletedBy))
	}
	return "never created"
}

// catalogPartitions makes a partition of every queue name that the history created. Calls about messages matter if they
// say that the queue does not exist.
func catalogPartitions(s *survey) (all []*Partition) {
	model := nameModel.ToModel()
	for _, q := range s.queues {
		if len(q.creates) > 0 {
			all = append(all, &Partition{Queue: q.name, model: model})
		}
	}
	byName := map[string]*Partition{}
	for _, p := range all {
		byName[p.Queue] = p
	}
	for i := range s.h.Operations {
		o := &s.h.Operations[i]
		in := nameInput{op: o, window: s.h.Config.DeletedQueueWindow * 1e6, tolerance: s.h.Tolerance}
		if s.h.Config.Account != "" {
			in.arn = wire.QueueARN(s.h.Config.Region, s.h.Config.Account, queueOf(o.Request))
		}
		if req, ok := o.Request.(*wire.ListQueuesRequest); ok {
			for _, p := range all {
				if in.listed, ok = listedName(req, o, p.Queue); ok {
					p.add(o, in)
				}
			}
		} else if p := byName[queueOf(o.Request)]; p != nil && concernsCatalog(o) {
			p.add(o, in)
		}
	}
	return all
}

// concernsCatalog says that an operation changes a name, or says something about it.
func concernsCatalog(o *Operation) bool {
	switch o.Request.(type) {
	case *wire.CreateQueueRequest, *wire.DeleteQueueRequest, *wire.SetQueueAttributesRequest:
		return true
	case *wire.GetQueueURLRequest, *wire.GetQueueAttributesRequest, *wire.ListQueueTagsRequest:
		return !o.Unknown
	}
	if isEdit(o.Request) {
		return true
	}
	return !o.Unknown && o.Err != nil && o.Err.Code == wire.QueueDoesNotExist
}

// listedName is a listing read as a read of one name; ok is false if the listing does not say.
func listedName(req *wire.ListQueuesRequest, o *Operation, name string) (listed, ok bool) {
	resp, answered := o.Response.(*wire.ListQueuesResponse)
	if o.Unknown || !answered || !strings.HasPrefix(name, req.QueueNamePrefix) || name <= req.After && req.After != "" {
		return false, false
	}
	if resp.NextToken != "" && name > resp.NextToken || len(resp.QueueURLs) >= maxListed {
		return false, false
	}
	return slices.Contains(resp.QueueURLs, name), true
}
