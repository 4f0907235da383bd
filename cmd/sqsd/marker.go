package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sqsd/node"
)

const (
	markerName = "sqsd.json"
	// markerFormat is the version of the layout of a data directory: this file, "log" and "state". In format 1 the marker
	// had the list of peers, and the log may lack the node's identity.
	markerFormat = 2
)

// marker is the file that says whose data a directory holds. It is written when the directory is created, and again when it
// has an older format.
type marker struct {
	Format int         `json:"format"`
	Node   node.NodeID `json:"node"`
	Groups int         `json:"groups"`
	// Cluster is the cluster's id, as operators know it; empty for a node alone.
	Cluster string `json:"cluster,omitempty"`
	// Founders are the nodes that the cluster, or the node alone, started with; none if this node joined it.
	Founders []node.NodeID `json:"founders,omitempty"`
	// Peers is how format 1 names the cluster and its founders: as in --peers, sorted; empty for a node alone.
	Peers string `json:"peers,omitempty"`
}

// newMarker is the marker of a new data directory.
func newMarker(s settings) marker {
	m := marker{Format: markerFormat, Node: s.id, Groups: s.groups}
	if s.join != nil {
		m.Groups, m.Cluster = s.join.groups, s.join.String()
		return m
	}
	if m.Groups == 0 {
		m.Groups = defaultGroups
	}
	m.found(s.peers)
	return m
}

// found notes who starts the cluster, or that the node is alone.
func (m *marker) found(peers peerList) {
	m.Founders = []node.NodeID{m.Node}
	if len(peers) > 0 {
		m.Founders = peers.ids()
		m.Cluster = newCluster(peers, m.Groups).String()
	}
}

// joined says that the node was added to a cluster, or waits for that.
func (m marker) joined() bool { return len(m.Founders) == 0 }

// cluster is the cluster that the node belongs to; of no groups for a node alone.
func (m marker) cluster() (cluster, error) {
	if m.Cluster == "" {
		return cluster{}, nil
	}
	return parseCluster(m.Cluster)
}

// parseMarker reads a marker of any format. One of format 1 has everything of format 2, and its number.
func parseMarker(data []byte) (marker, error) {
	var m marker
	if err := json.Unmarshal(data, &m, json.RejectUnknownMembers(false)); err != nil {
		return m, fmt.Errorf("is damaged: %w", err)
	}
	if m.Format > markerFormat {
		return m, fmt.Errorf("has format %d; this sqsd knows up to %d: use a newer one", m.Format, markerFormat)
	}
	if m.Format < 1 || m.Node == 0 || m.Groups < 1 || m.Groups > maxGroups {
		return m, fmt.Errorf("is damaged: format %d, node %d, groups %d", m.Format, m.Node, m.Groups)
	}
	if m.Format == 1 {
		return m, m.fromPeers()
	}
	c, err := m.cluster()
	switch {
	case err != nil:
		return m, fmt.Errorf("is damaged: %q %w", m.Cluster, err)
	case m.Cluster != "" && c.groups != m.Groups, !m.joined() && !slices.Contains(m.Founders, m.Node),
		m.joined() && m.Cluster == "":
		return m, fmt.Errorf("is damaged: node %d, groups %d, cluster %q, founders %d", m.Node, m.Groups, m.Cluster, m.Founders)
	}
	return m, nil
}

// fromPeers fills in what format 1 says by the list of peers.
func (m *marker) fromPeers() error {
	var peers peerList
	if m.Peers != "" {
		var err error
		if peers, err = parsePeers(m.Peers); err != nil {
			return fmt.Errorf("is damaged: peers: %w", err)
		}
		if _, ok := peers.address(m.Node); !ok {
			return errors.New("is damaged: the node is not among its peers")
		}
	}
	m.found(peers)
	m.Peers = ""
	return nil
}

func (m marker) encode() ([]byte, error) {
	data, err := json.Marshal(m, jsontext.WithIndent("  "))
	return append(data, '\n'), err
}
