package node

import (
	"encoding/binary"

	"sqsd/node/queue"
	"sqsd/wire"
)

// askTable holds the questions to other groups that have no answer yet. Groups talk by frames, also within a node: a
// question goes to the node's own replica of the other group, which treats it as a call.
type askTable struct {
	id   uint64
	open map[uint64]*question
}

// question is asked for a request, which waits in stageAsking.
type question struct {
	request *request
	then    func(Result)
}

func (t *askTable) init() { t.open = map[uint64]*question{} }

// askFrame is the body of frameAsk.
type askFrame struct {
	boot, id uint64
	group    GroupID // that asks
	raw      []byte  // the question, a request
}

func (f askFrame) encode() []byte {
	b := startFrame(frameAsk, len(f.raw)+30)
	b = binary.AppendUvarint(b, f.boot)
	b = binary.AppendUvarint(b, f.id)
	b = binary.AppendUvarint(b, uint64(f.group))
	return append(b, f.raw...)
}

func decodeAsk(r *reader) (askFrame, error) {
	f := askFrame{boot: r.uvarint(), id: r.uvarint(), group: GroupID(r.uvarint())}
	f.raw = r.buf
	return f, r.err
}

// ask asks a group on behalf of a request and goes on with then once it is answered. If the request ends before, then
// is not called.
func (r *Replica) ask(q *request, group GroupID, req wire.Request, then func(Result)) {
	q.stage = stageAsking
	r.asks.id++
	r.asks.open[r.asks.id] = &question{q, then}
	q.asked = append(q.asked, r.asks.id)
	f := askFrame{r.boot, r.asks.id, r.cfg.Group, queue.AppendCommand(nil, req)}
	r.env.Network.Send(r.cfg.Node, group, f.encode())
}

// forget drops the questions of a request that needs no answers any more.
func (t *askTable) forget(q *request) {
	for _, id := range q.asked {
		delete(t.open, id)
	}
	q.asked = nil
}

// receiveAsk answers another group's question, as a call of this replica's own.
func (r *Replica) receiveAsk(from NodeID, f askFrame) error {
	req, err := queue.DecodeCommand(f.raw)
	if err != nil {
		return err
	}
	c := &Call{Request: req, Done: func(res Result) {
		r.env.Network.Send(from, f.group, replyFrame{f.boot, f.id, res}.encode(frameAnswer))
	}}
	c.request.part = true
	r.start(c)
	return nil
}

// receiveAnswer goes on with the request that a question was asked for.
func (r *Replica) receiveAnswer(f replyFrame) {
	question := r.asks.open[f.id]
	if question == nil || f.boot != r.boot {
		return
	}
	delete(r.asks.open, f.id)
	question.then(f.result)
}

// askAll asks every group the same and goes on with all answers, in order of the groups. The first refusal ends the
// request.
func (r *Replica) askAll(q *request, req wire.Request, then func([]wire.Response)) {
	answers := make([]wire.Response, r.cfg.Groups)
	missing := r.cfg.Groups
	for group := range GroupID(r.cfg.Groups) {
		r.ask(q, group, req, func(res Result) {
			if res.Err != nil {
				r.asks.forget(q)
				r.finish(q, Result{Err: res.Err})
				return
			}
			answers[group] = res.Response
			if missing--; missing == 0 {
				then(answers)
			}
		})
	}
}
