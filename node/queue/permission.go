package queue

import "sqsd/wire"

// addPermission adds a statement to the queue's policy.
func (m *Machine) addPermission(q *queue, req *wire.AddPermissionRequest) Result {
	current, _ := q.attributes.Get(wire.AttrPolicy)
	text, err := wire.AddStatement(current, m.arn(q.name), req)
	if err != nil {
		return refused(err)
	}
	return m.setPolicy(q, text)
}

// removePermission removes a statement; with the last one the attribute goes too.
func (m *Machine) removePermission(q *queue, req *wire.RemovePermissionRequest) Result {
	current, _ := q.attributes.Get(wire.AttrPolicy)
	text, err := wire.RemoveStatement(current, req.Label)
	if err != nil {
		return refused(err)
	}
	return m.setPolicy(q, text)
}

func (m *Machine) setPolicy(q *queue, text string) Result {
	q.attributes = wire.MergeAttributes(q.attributes, wire.Pairs{{Name: wire.AttrPolicy, Value: text}})
	q.modified = m.now
	m.saveCatalog(q)
	return done()
}

func (m *Machine) arn(queueName string) string {
	return wire.QueueARN(m.config.Region, m.config.Account, queueName)
}
