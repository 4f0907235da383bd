package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
)

// peerList names the nodes of a cluster, sorted by id.
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

// clusterID makes a cluster's id from what is the same on all its nodes and stays so.
func clusterID(peers peerList, groups int) peer.ClusterID {
	sum := sha256.Sum256(fmt.Appendf(nil, "sqsd cluster 1\ngroups %d\npeers %s\n", groups, peers))
	return peer.ClusterID(sum[:16])
}
