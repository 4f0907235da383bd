package queue

import "sqsd/wire"

// createQueue makes a queue, or finds one that has every attribute of the request already. Tags are not compared.
func (m *Machine) createQueue(req *wire.CreateQueueRequest) Result {
	if q, ok := m.names.Get(req.QueueName); ok {
		if name := wire.DifferingAttribute(q.attributes, req.Attributes); name != "" {
			return refused(wire.Errorf(wire.QueueNameExists,
				"A queue already exists with the same name and a different value for attribute %s.", name))
		}
		return created(q)
	}
	g, buried := m.buried[req.QueueName]
	if buried && m.isRefused(g) {
		m.mark(markNameRefused)
		return refused(wire.Errorf(wire.QueueDeletedRecently,
			"You must wait %d seconds after deleting a queue before you can create another with the same name.",
			m.limits.DeletedQueueWindow/1000))
	}
	attributes := wire.MergeAttributes(wire.DefaultAttributes(wire.IsFIFO(req.QueueName)), req.Attributes)
	settings, err := parseSettings(attributes)
	if err != nil {
		return refused(err)
	}
	q := newQueue(m.nextID, catalogRecord{
		name: req.QueueName, nonce: m.random.Uint64(), attributes: attributes, tags: req.Tags,
		created: m.now, modified: m.now, purged: never,
	}, settings)
	m.nextID++
	if buried {
		m.mark(markRecreated)
	}
	m.enter(q)
	m.saveCatalog(q)
	m.touch(q)
	return created(q)
}

func created(q *queue) Result { return Result{Response: &wire.CreateQueueResponse{QueueURL: q.name}} }

// enter makes a queue known.
func (m *Machine) enter(q *queue) {
	m.queues[q.id] = q
	m.names.Set(q.name, q)
	m.timers.push(q)
}

// deleteQueue removes a queue with everything in it. The name stays refused for a while.
func (m *Machine) deleteQueue(q *queue) Result {
	m.removeContent(q)
	m.removeTasks(q)
	m.store.Delete(queueKey(m.key[:0], classQueue, q.id))
	m.store.Delete(queueKey(m.key[:0], classCounts, q.id))
	if q.fifo != nil {
		m.store.Delete(queueKey(m.key[:0], classFIFO, q.id))
	}
	delete(m.queues, q.id)
	m.names.Delete(q.name)
	m.timers.remove(q)
	q.deleted = true
	m.report(q)
	m.forgetGraves()
	if m.limits.DeletedQueueWindow > 0 {
		m.bury(q.name)
	}
	return done()
}

// bury keeps a name refused.
func (m *Machine) bury(name string) {
	g := grave{number: m.dug, name: name, at: m.now}
	m.dug++
	m.value = g.append(m.value[:0])
	m.store.Set(graveKey(m.key[:0], g.number), m.value)
	m.graves = append(m.graves, g)
	m.buried[name] = g
}

func (m *Machine) isRefused(g grave) bool { return m.now-g.at < wire.Time(m.limits.DeletedQueueWindow) }

// forgetGraves removes up to two names that are no longer refused. Each deletion adds one, so they do not pile up.
func (m *Machine) forgetGraves() {
	for range 2 {
		if len(m.graves) == 0 || m.isRefused(m.graves[0]) {
			return
		}
		g := m.graves[0]
		m.graves = m.graves[1:]
		m.store.SingleDelete(graveKey(m.key[:0], g.number))
		if m.buried[g.name] == g {
			delete(m.buried, g.name)
		}
	}
}

func (m *Machine) saveCatalog(q *queue) {
	m.value = q.catalogRecord.append(m.value[:0])
	m.store.Set(queueKey(m.key[:0], classQueue, q.id), m.value)
}
