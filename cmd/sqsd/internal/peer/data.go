package peer

import (
	"encoding/hex"
	"errors"
	"fmt"

	"sqsd/node"
)

// DataID tells a node's data directory from any other that the node may have had. It is random.
type DataID [16]byte

func (d DataID) String() string { return hex.EncodeToString(d[:]) }

// MarshalText is the id in hexadecimal digits.
func (d DataID) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *DataID) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(d) || len(text)%2 != 0 {
		return fmt.Errorf("data id %q does not have %d digits", text, 2*len(d))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// Identity is what a node knows of its own data and of its peers'. Its methods are called from many goroutines.
type Identity interface {
	// Data is the id of this node's data.
	Data() DataID
	// Known is the id of a peer's data; zero if the peer was never met.
	Known(id node.NodeID) DataID
	// Meet takes note of a peer's data for good, or says that the peer is known with other data.
	Meet(id node.NodeID, data DataID) error
}

// ErrForgotten means that this node's peers know it with other data than it has.
var ErrForgotten = errors.New("this node has lost its data directory, or was started with another one")

// CheckData says whether a peer has the data that it is known with.
func CheckData(id node.NodeID, known, data DataID) error {
	if known != data {
		return fmt.Errorf("node %d is known with other data (%s, now %s): it has lost what it promised to keep and must not "+
			"take part", id, known, data)
	}
	return nil
}
