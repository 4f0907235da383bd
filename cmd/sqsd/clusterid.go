package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"sqsd/cmd/sqsd/internal/peer"
)

// cluster is what the nodes of one cluster have in common for ever.
type cluster struct {
	id     peer.ClusterID // made from what the cluster started with
	groups int
}

// newCluster is a cluster that starts with these nodes.
func newCluster(peers peerList, groups int) cluster {
	sum := sha256.Sum256(fmt.Appendf(nil, "sqsd cluster 1\ngroups %d\npeers %s\n", groups, peers))
	return cluster{peer.ClusterID(sum[:16]), groups}
}

// String is how operators name the cluster: number of groups, id, checksum of both. So a node that joins by it cannot have
// another number of groups than the others, and would route queues to other groups than they do.
func (c cluster) String() string {
	name := fmt.Sprintf("%d-%s", c.groups, c.id)
	return fmt.Sprintf("%s-%08x", name, crc32.ChecksumIEEE([]byte(name)))
}

var errNoCluster = errors.New("is not the id of a cluster: copy it from what \"sqsd members\" prints at one of its nodes")

func parseCluster(value string) (cluster, error) {
	var c cluster
	groups, rest, _ := strings.Cut(value, "-")
	id, _, _ := strings.Cut(rest, "-")
	n, err := strconv.Atoi(groups)
	raw, notHex := hex.DecodeString(id)
	if err != nil || notHex != nil || n < 1 || n > maxGroups || len(raw) != len(c.id) {
		return cluster{}, errNoCluster
	}
	c = cluster{peer.ClusterID(raw), n}
	if c.String() != value {
		return cluster{}, errNoCluster
	}
	return c, nil
}
