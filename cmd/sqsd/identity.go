package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
)

// identityName is the file in the data directory of a node of a cluster that tells it and its peers apart from nodes of
// the same number with other data.
const (
	identityName   = "identity.json"
	identityFormat = 1
)

// identityFile is what is in it.
type identityFile struct {
	Format int                         `json:"format"`
	Data   peer.DataID                 `json:"data"`            // of this directory, random
	Peers  map[node.NodeID]peer.DataID `json:"peers,omitempty"` // of the peers, as they were when they were first met
}

// identity is a node's own data id and those of the peers that it has met. A peer that comes back with another one has lost
// the votes and entries that it had promised to keep, so it is not let in.
type identity struct {
	name string // of the file
	mu   sync.Mutex
	file identityFile
}

// newIdentity gives a new data directory an id.
func newIdentity(dir string) (*identity, error) {
	i := &identity{name: filepath.Join(dir, identityName), file: identityFile{Format: identityFormat}}
	rand.Read(i.file.Data[:])
	return i, i.save()
}

// loadIdentity reads the identity of a data directory.
func loadIdentity(dir string) (*identity, error) {
	i := &identity{name: filepath.Join(dir, identityName)}
	data, err := os.ReadFile(i.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("data directory %q: %s is missing", dir, identityName)
	}
	if err != nil {
		return nil, fmt.Errorf("data directory %q: %w", dir, err)
	}
	if i.file, err = parseIdentity(data); err != nil {
		return nil, fmt.Errorf("data directory %q: %s %w", dir, identityName, err)
	}
	return i, nil
}

func parseIdentity(data []byte) (f identityFile, err error) {
	if err := json.Unmarshal(data, &f); err != nil {
		return f, fmt.Errorf("is damaged: %w", err)
	}
	if f.Format > identityFormat {
		return f, fmt.Errorf("has format %d; this sqsd knows up to %d: use a newer one", f.Format, identityFormat)
	}
	if f.Format < 1 || f.Data == (peer.DataID{}) || len(f.Peers) > maxPeers {
		return f, fmt.Errorf("is damaged: format %d, data %s, %d peers", f.Format, f.Data, len(f.Peers))
	}
	return f, nil
}

// Data is the id of this node's data.
func (i *identity) Data() peer.DataID { return i.file.Data }

// Known is the id of a peer's data; zero if the peer was never met.
func (i *identity) Known(id node.NodeID) peer.DataID {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.file.Peers[id]
}

// Meet takes note of a peer that was never met. The note is on stable storage when it returns.
func (i *identity) Meet(id node.NodeID, data peer.DataID) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if known := i.file.Peers[id]; known != (peer.DataID{}) {
		return peer.CheckData(id, known, data)
	}
	if i.file.Peers == nil {
		i.file.Peers = map[node.NodeID]peer.DataID{}
	}
	i.file.Peers[id] = data
	return i.save()
}

func (i *identity) save() error {
	data, err := json.Marshal(i.file, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return replaceSynced(i.name, append(data, '\n'))
}
