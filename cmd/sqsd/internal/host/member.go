package host

import (
	"context"
	"errors"

	"sqsd/node"
)

// ChangeMembers asks this node's replica of a group for a change of the group's members, see [node.Replica.ChangeMembers].
// If ctx ends first, the change may yet be made.
func (h *Host) ChangeMembers(ctx context.Context, group node.GroupID, change node.MemberChange) error {
	m := h.members[group]
	answer := make(chan error, 1)
	m.loop.post(event{member: m, run: func() {
		m.replica.ChangeMembers(change, func(err error) { answer <- err })
	}})
	select {
	case err := <-answer:
		return err
	case <-h.failed:
		return errReplicaFailed
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errReplicaFailed = errors.New("a replica has failed")

// waits says that the node has not been added to the group and knows no leader to pass calls to.
func (m *member) waits() bool {
	if !m.outside {
		return false
	}
	s := m.replica.Status()
	m.outside = len(s.Members.Voters) == 0
	return m.outside && s.Leader == 0
}
