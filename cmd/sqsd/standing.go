package main

import (
	"context"
	"slices"
	"time"

	"sqsd/node"
)

// standing is what this node knows of the members of its cluster.
type standing struct {
	Cluster string      `json:"cluster"` // as in --join; empty for a node alone
	Node    node.NodeID `json:"node"`    // this one
	Groups  int         `json:"groups"`
	Waiting int         `json:"waiting"` // groups that this node waits to be added to
	Removed int         `json:"removed"` // groups that this node was removed from
	// Missing are the nodes that this one, which is new, waits to meet before it takes part.
	Missing []node.NodeID `json:"missing,omitempty"`
	// Nodes are the members of any group and the nodes of --peers, in rising order.
	Nodes []nodeStanding `json:"nodes"`
}

// nodeStanding is one node's part in the cluster, in numbers of groups.
type nodeStanding struct {
	ID      node.NodeID `json:"id"`
	Address string      `json:"address"` // empty if --peers does not say
	Voter   int         `json:"voter"`
	Learner int         `json:"learner"`
	Leads   int         `json:"leads"`
}

// stand sums up what the replicas report.
func stand(cluster string, self node.NodeID, peers peerList, all []node.Status) standing {
	s := standing{Cluster: cluster, Node: self, Groups: len(all)}
	at := func(id node.NodeID) *nodeStanding {
		i, found := slices.BinarySearchFunc(s.Nodes, id, func(n nodeStanding, id node.NodeID) int { return int(n.ID) - int(id) })
		if !found {
			address, _ := peers.address(id)
			s.Nodes = slices.Insert(s.Nodes, i, nodeStanding{ID: id, Address: address})
		}
		return &s.Nodes[i]
	}
	for _, p := range peers {
		at(p.id)
	}
	for _, status := range all {
		switch {
		case status.Removed:
			s.Removed++
		case len(status.Members.Voters) == 0:
			s.Waiting++
		}
		for _, id := range status.Members.Voters {
			at(id).Voter++
		}
		for _, id := range status.Members.Learners {
			at(id).Learner++
		}
		if status.Leader != 0 && !status.Removed {
			at(status.Leader).Leads++
		}
	}
	return s
}

// strangers are the members whose addresses this node does not know, unless it is alone.
func (s standing) strangers() (ids []node.NodeID) {
	for _, n := range s.Nodes {
		if s.Cluster != "" && n.Address == "" && n.Voter+n.Learner > 0 {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// othersVote says that this node is not the only one that votes in some group.
func (s standing) othersVote() bool {
	return slices.ContainsFunc(s.Nodes, func(n nodeStanding) bool { return n.ID != s.Node && n.Voter > 0 })
}

// standing is what this node knows now.
func (v *server) standing(ctx context.Context) (standing, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	all, err := v.host.Status(ctx)
	if err != nil {
		return standing{}, err
	}
	s := stand(v.dir.marker.Cluster, v.dir.marker.Node, v.settings.peers, all)
	s.Missing = v.identity.Missing()
	return s, nil
}

// watchEvery is how often a node looks whether there is something to say of its standing.
const watchEvery = time.Second

// watchStanding logs what an operator must know of this node's standing, until ctx ends.
func (v *server) watchStanding(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	var told standing
	for {
		if s, err := v.standing(ctx); err == nil {
			v.tellStanding(told, s)
			told = s
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// tellStanding logs what is new.
func (v *server) tellStanding(before, now standing) {
	known := before.strangers()
	for _, id := range now.strangers() {
		if !slices.Contains(known, id) {
			v.logger.Warn("a member has no address in --peers of this node, which cannot reach it: restart this node with a list "+
				"that has it", "member", id)
		}
	}
	if len(now.Missing) > 0 && before.Groups == 0 {
		v.logger.Info("this node is new: it takes part when it has met all the nodes that the cluster starts with", "node", now.Node,
			"missing", now.Missing)
	}
	if len(now.Missing) == 0 && len(before.Missing) > 0 {
		v.logger.Info("this node has met all the nodes that the cluster starts with", "node", now.Node)
	}
	switch {
	case now.Removed == now.Groups && before.Removed < now.Groups:
		v.logger.Warn("this node has been removed from the cluster: stop it; its data directory is of no more use")
	case now.Waiting > 0 && before.Groups == 0:
		v.logger.Info("this node waits to be added: sqsd members add, at a member of the cluster", "node", now.Node,
			"groups", now.Waiting)
	case now.Waiting == 0 && before.Waiting > 0 && now.Removed == 0:
		v.logger.Info("this node has been added to all groups", "node", now.Node)
	}
}
