package node

import (
	"slices"

	"sqsd/node/queue"
	"sqsd/wire"
)

// gatherTable holds the calls that wait for the answers of all groups. Groups talk by frames, also within a node.
type gatherTable struct {
	id    uint64
	calls map[uint64]*gathering
}

type gathering struct {
	request *request
	part    map[uint64]struct{} // ids of the parts that are missing
	names   []string
	more    bool // some group has names beyond those it sent
}

func (t *gatherTable) init() { t.calls = map[uint64]*gathering{} }

// listLimit is how many names a listing returns at most.
func listLimit(req *wire.ListQueuesRequest) int32 {
	return req.MaxResults.Or(wire.MaxListResults)
}

// gather asks every group for its part of a listing.
func (r *Replica) gather(q *request) {
	q.stage = stageGathering
	part := *q.req.(*wire.ListQueuesRequest)
	part.MaxResults = wire.Int(listLimit(&part))
	raw := queue.AppendCommand(nil, &part)
	g := &gathering{request: q, part: map[uint64]struct{}{}}
	q.gathering = g
	for group := range GroupID(r.cfg.Groups) {
		r.parts.id++
		g.part[r.parts.id] = struct{}{}
		r.parts.calls[r.parts.id] = g
		r.env.Network.Send(r.cfg.Node, group, callFrame{r.boot, r.parts.id}.encode(frameAsk, raw))
	}
}

// receiveAsk answers this group's part of a call, as a call of its own.
func (r *Replica) receiveAsk(from NodeID, f callFrame, raw []byte) error {
	req, err := queue.DecodeCommand(raw)
	if err != nil {
		return err
	}
	c := &Call{Request: req, Done: func(res Result) {
		r.env.Network.Send(from, gatherer, replyFrame{f.boot, f.id, res}.encode(frameAnswer))
	}}
	c.request.part = true
	r.start(c)
	return nil
}

// receiveAnswer takes one group's part.
func (r *Replica) receiveAnswer(f replyFrame) {
	g := r.parts.calls[f.id]
	if g == nil || f.boot != r.boot {
		return
	}
	delete(r.parts.calls, f.id)
	delete(g.part, f.id)
	q := g.request
	list, ok := f.result.Response.(*wire.ListQueuesResponse)
	if !ok {
		r.parts.drop(g)
		r.finish(q, Result{Err: f.result.Err})
		return
	}
	g.names = append(g.names, list.QueueURLs...)
	g.more = g.more || list.NextToken != ""
	if len(g.part) == 0 {
		r.finish(q, Result{Response: g.page(q.req.(*wire.ListQueuesRequest))})
	}
}

// drop forgets the parts of a call that has ended early.
func (t *gatherTable) drop(g *gathering) {
	for id := range g.part { // order: all go
		delete(t.calls, id)
	}
}

// page merges the groups' names. A listing without MaxResults never has a next page (API reference, ListQueues).
func (g *gathering) page(req *wire.ListQueuesRequest) *wire.ListQueuesResponse {
	slices.Sort(g.names)
	more := g.more
	if limit := int(listLimit(req)); len(g.names) > limit {
		g.names, more = g.names[:limit], true
	}
	page := &wire.ListQueuesResponse{QueueURLs: g.names}
	if more && req.MaxResults.Set && len(g.names) > 0 {
		page.NextToken = g.names[len(g.names)-1]
	}
	return page
}
