package queue

import "sqsd/wire"

// tagQueue merges tags into those that the queue has, all or none.
func (m *Machine) tagQueue(q *queue, req *wire.TagQueueRequest) Result {
	tags, err := wire.MergeTags(q.tags, req.Tags)
	if err != nil {
		return refused(err)
	}
	q.tags = tags
	m.saveCatalog(q)
	return done()
}

func (m *Machine) untagQueue(q *queue, req *wire.UntagQueueRequest) Result {
	q.tags = wire.RemoveTags(q.tags, req.TagKeys)
	m.saveCatalog(q)
	return done()
}
