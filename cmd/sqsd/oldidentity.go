package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"sqsd/node"
)

// identityName is a file of builds that did not keep the node's identity in the log store. A node alone had none.
const identityName = "identity.json"

// identityFile is what is in it.
type identityFile struct {
	Format int                      `json:"format"`
	Data   dataText                 `json:"data"`
	Peers  map[node.NodeID]dataText `json:"peers"` // as they were when they were first met
}

// dataText is a data id as it stands in the file: 32 hexadecimal digits.
type dataText node.DataID

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *dataText) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("data %q", text)
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// oldIdentity is the node's identity as an older format has it; nil in a directory of the newest one.
func (d *dataDir) oldIdentity() (*node.Adoption, error) {
	if !d.outdated() {
		return nil, nil
	}
	data, err := os.ReadFile(filepath.Join(d.path, identityName))
	if errors.Is(err, fs.ErrNotExist) {
		return &node.Adoption{}, nil
	}
	var f identityFile
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err == nil && (f.Format != 1 || f.Data == dataText{}) {
		err = fmt.Errorf("format %d, data %x", f.Format, f.Data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", identityName, err)
	}
	old := &node.Adoption{Data: node.DataID(f.Data), Peers: map[node.NodeID]node.DataID{}}
	for p, data := range f.Peers {
		old.Peers[p] = node.DataID(data)
	}
	return old, nil
}
