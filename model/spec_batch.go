package model

import (
	"slices"

	"sqsd/wire"
)

// batch walks through the results of a batch call in request order.
type batch[R any] struct {
	queue, action string
	seen          bool
	successful    []R
	failed        []wire.BatchResultError
	violation     *Violation // the first one
}

// openBatch takes the results out of an answer of type T.
func openBatch[T wire.Response, R any](a answer, queue, action string, results func(T) ([]R, []wire.BatchResultError)) *batch[R] {
	b := &batch[R]{queue: queue, action: action, seen: a.seen}
	if !a.seen {
		return b
	}
	response, v := accepted[T](a, Live, queue, action)
	if v != nil {
		b.violation = v
		return b
	}
	b.successful, b.failed = results(response)
	return b
}

// accept takes the result of an entry that must have succeeded; nil if it was not observed or is missing.
func (b *batch[R]) accept(entry string, idOf func(*R) string) *R {
	if !b.seen || b.violation != nil {
		return nil
	}
	if len(b.successful) == 0 || idOf(&b.successful[0]) != entry {
		b.violation = violated(Linearizable, b.queue, "", "%s: entry %q did not succeed in its place", b.action, entry)
		return nil
	}
	r := &b.successful[0]
	b.successful = b.successful[1:]
	return r
}

// refuse takes the result of an entry that must have failed with a code.
func (b *batch[R]) refuse(entry string, code wire.Code, p Promise) {
	if !b.seen || b.violation != nil {
		return
	}
	i := slices.IndexFunc(b.failed, func(f wire.BatchResultError) bool { return f.ID == entry })
	switch {
	case i < 0:
		b.violation = violated(p, b.queue, "", "%s: entry %q did not fail, want %s", b.action, entry, code.Query())
	case b.failed[i].Code != code.Query() || b.failed[i].SenderFault != code.SenderFault():
		b.violation = violated(p, b.queue, "", "%s: entry %q failed with %s (sender's fault %t), want %s", b.action, entry,
			b.failed[i].Code, b.failed[i].SenderFault, code.Query())
	case i > 0:
		b.violation = violated(Linearizable, b.queue, "", "%s: the failure of entry %q is out of order", b.action, entry)
	default:
		b.failed = b.failed[1:]
	}
}

// close checks that nothing is left over.
func (b *batch[R]) close() *Violation {
	if b.violation == nil && len(b.successful)+len(b.failed) > 0 {
		return violated(Linearizable, b.queue, "", "%s: %d results and %d failures more than asked for", b.action,
			len(b.successful), len(b.failed))
	}
	return b.violation
}

// plainBatch opens the results of a batch whose entries have no result but success.
func plainBatch(a answer, queue, action string) *batch[wire.BatchResultEntry] {
	return openBatch(a, queue, action, func(r *wire.BatchResponse) ([]wire.BatchResultEntry, []wire.BatchResultError) {
		return r.Successful, r.Failed
	})
}

func entryOf(r *wire.BatchResultEntry) string { return r.ID }
