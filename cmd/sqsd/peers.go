package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"sqsd/node"
)

// peerList is a node's address book: the nodes of its cluster that it knows, and where they are, sorted by id. Who of them
// takes part is said by the replicated membership of each group alone.
type peerList []peerEntry

type peerEntry struct {
	id      node.NodeID
	address string
}

// maxPeers bounds a cluster; every node keeps two connections to each other one.
const maxPeers = 15

// parsePeers reads "1=host:port,2=host:port".
func parsePeers(value string) (peerList, error) {
	var list peerList
	for entry := range strings.SplitSeq(value, ",") {
		name, address, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok {
			return nil, fmt.Errorf("%q must be like 1=host:port", entry)
		}
		id, err := parseID(name)
		if err != nil {
			return nil, fmt.Errorf("node %q %w", name, err)
		}
		host, port, err := net.SplitHostPort(address)
		if n, numeric := strconv.ParseUint(port, 10, 16); err != nil || numeric != nil || n == 0 || host == "" {
			return nil, fmt.Errorf("address %q of node %d must be host:port", address, id)
		}
		for _, other := range list {
			if other.id == id || other.address == address {
				return nil, fmt.Errorf("%q and %d=%s: ids and addresses must differ", entry, other.id, other.address)
			}
		}
		list = append(list, peerEntry{id, address})
	}
	if len(list) > maxPeers {
		return nil, fmt.Errorf("%d nodes are too many, at most %d can form a cluster", len(list), maxPeers)
	}
	slices.SortFunc(list, func(a, b peerEntry) int { return int(a.id) - int(b.id) })
	return list, nil
}

func parseID(value string) (node.NodeID, error) {
	id, err := strconv.ParseUint(value, 10, 16)
	if err != nil || id == 0 {
		return 0, errors.New("must be a whole number from 1 to 65535")
	}
	return node.NodeID(id), nil
}

func (l peerList) String() string {
	var entries []string
	for _, p := range l {
		entries = append(entries, fmt.Sprintf("%d=%s", p.id, p.address))
	}
	return strings.Join(entries, ",")
}

func (l peerList) address(id node.NodeID) (string, bool) {
	for _, p := range l {
		if p.id == id {
			return p.address, true
		}
	}
	return "", false
}

// ids are the nodes of the list, in rising order.
func (l peerList) ids() []node.NodeID {
	var ids []node.NodeID
	for _, p := range l {
		ids = append(ids, p.id)
	}
	return ids
}

// others are the addresses of the nodes other than self.
func (l peerList) others(self node.NodeID) map[node.NodeID]string {
	m := map[node.NodeID]string{}
	for _, p := range l {
		if p.id != self {
			m[p.id] = p.address
		}
	}
	return m
}
