package node

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"sqsd/node/disk"
)

// DataID tells a node's data from any other that a node of its number may have had. It is random.
type DataID [16]byte

func (d DataID) String() string { return hex.EncodeToString(d[:]) }

// Life is one start of a node on its data.
type Life struct {
	Data   DataID
	Number uint64 // rises with every start
	Boot   uint64 // nonce of the process: two that were started on copies of one disk have the same number
}

// Greeting is what a node opens a connection to a peer with.
type Greeting struct {
	Self Life
	// New says that the sender is one of those that the cluster starts with and has never met all the others, so that it has
	// never taken part in anything.
	New bool
	// Peer is the receiver's latest life that the sender has met; zero if there was none.
	Peer Life
}

// IdentityConfig is what an [Identity] is told.
type IdentityConfig struct {
	Node NodeID
	// Peers are the nodes that the cluster starts with, including this one unless it joins later.
	Peers []NodeID
	// Join says that the node is to be added to a cluster that exists: see [Config].
	Join bool
	// Adopt says that a store with data and without an identity is one of a build that kept none there: it gets one, of a node
	// that has taken part.
	Adopt bool
	// Store is the node's log store.
	Store  disk.Store
	Random io.Reader
	// Fail is called when the node must stop: with [ErrForgotten], [ErrRolledBack] or an error of the store.
	Fail func(error)
}

// Errors that stop a node because its disk is not what it was.
var (
	// ErrForgotten means that a peer knows this node with other data than it has.
	ErrForgotten = errors.New("this node has lost its data, or was started with other data")
	// ErrRolledBack means that this node has less than it had promised to keep.
	ErrRolledBack = errors.New("this node's data is an older copy of what it had")
)

// Identity is a node's own data and life, and what it knows of its peers'. A node that comes back with other data, or with
// an older copy of its data, has lost votes and entries that it had promised to keep, so its peers refuse it, and it stops
// when they tell it so.
//
// Like a replica it is a passive object, used from one thread at a time. What it says of itself, and what it knows of a
// peer, is durable before it counts.
type Identity struct {
	cfg     IdentityConfig
	self    Life
	taken   bool            // part in the cluster, ever: durable
	known   map[NodeID]Life // the latest that was met of each peer
	fitting map[NodeID]bool // peers met in this life that do not keep a new node from taking part
	saving  int             // writes under way
	raised  bool            // the number of this life is durable
	admits  bool            // taken is durable
}

// OpenIdentity reads what the store has, or makes a new identity on an empty one, and begins the node's next life. ready
// is called once that is durable: not before may the node greet a peer. It returns disk.ErrCorrupt, wrapped, for a store
// that has data of a node, but no identity, unless it is to adopt that.
func OpenIdentity(cfg IdentityConfig, ready func()) (*Identity, error) {
	i := &Identity{cfg: cfg, known: map[NodeID]Life{}, fitting: map[NodeID]bool{}}
	b, err := cfg.Store.Get(identityKey)
	switch {
	case err == nil:
		if err = i.decode(b, NewestFormat); err != nil {
			err = corrupt(err)
		}
	case errors.Is(err, disk.ErrNotFound):
		err = i.create()
	}
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	var nonce [8]byte
	if _, err := io.ReadFull(cfg.Random, nonce[:]); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	i.self.Number++
	i.self.Boot = binary.BigEndian.Uint64(nonce[:])
	i.taken = i.taken || i.mayTakePart()
	i.save(func(err error) {
		if err == nil {
			i.raised = true
			ready()
		}
	})
	return i, nil
}

// create draws a data id for an empty store, or for one that is adopted.
func (i *Identity) create() error {
	empty := true
	if err := i.cfg.Store.Scan(nil, []byte{0xff}, func([]byte, []byte) bool { empty = false; return false }); err != nil {
		return err
	}
	i.taken = !empty && i.cfg.Adopt
	if !empty && !i.cfg.Adopt {
		return fmt.Errorf("%w: the store has data, but does not say whose", disk.ErrCorrupt)
	}
	_, err := io.ReadFull(i.cfg.Random, i.self.Data[:])
	return err
}

// Life is the node's present life.
func (i *Identity) Life() Life { return i.self }

// Ready says that the node may greet its peers.
func (i *Identity) Ready() bool { return i.raised }

// Greet is what to tell a peer when a connection is opened, by either side.
func (i *Identity) Greet(peer NodeID) Greeting {
	return Greeting{Self: i.self, New: !i.taken, Peer: i.known[peer]}
}

// Admitted says that frames may pass between this node and its peers: it has met all that the cluster starts with, now or in
// an earlier life, or it joins.
func (i *Identity) Admitted() bool { return i.admits }

// Meet judges a peer's greeting and calls done, possibly at once: with nil when what it says is noted durably and the
// peer's frames may be taken, else with the reason to refuse it. If the peer refuses this node, the node must stop.
func (i *Identity) Meet(peer NodeID, g Greeting, done func(error)) {
	if err := i.judgeSelf(peer, g.Peer); err != nil {
		i.cfg.Fail(err)
		done(err)
		return
	}
	if err := i.judgePeer(peer, g.Self); err != nil {
		done(err)
		return
	}
	before, taken := i.known[peer], i.taken
	i.known[peer] = g.Self
	i.fitting[peer] = g.New || g.Peer.Data == i.self.Data
	i.taken = i.taken || i.mayTakePart()
	if before == g.Self && taken == i.taken && i.saving == 0 {
		done(nil)
		return
	}
	i.save(done)
}

// mayTakePart is the rule for a new member on an empty disk: it does not vote, campaign or store anything before it has
// met every other node that the cluster starts with, and each was new as well or knows it. Otherwise nodes that have lost
// their disks could start a new cluster behind the back of one that has all the data.
//
// One that joins can start none. It need not meet anybody, since those that the cluster started with may be gone: its
// replicas do nothing before a leader has added them and sent a snapshot.
func (i *Identity) mayTakePart() bool {
	return i.cfg.Join || !slices.ContainsFunc(i.cfg.Peers, func(p NodeID) bool { return p != i.cfg.Node && !i.fitting[p] })
}

// How a life can fail to follow the latest one that was met.
var (
	errOtherData   = errors.New("other data")
	errEarlierLife = errors.New("an older copy of the data")
)

// follows says why a life that shows up cannot come behind, or be, the latest known.
func (l Life) follows(known Life) error {
	switch {
	case known == Life{}:
		return nil
	case l.Data != known.Data:
		return errOtherData
	case l.Number < known.Number || l.Number == known.Number && l.Boot != known.Boot:
		return errEarlierLife
	}
	return nil
}

// judgeSelf says why this node must stop: a peer knows it as something else.
func (i *Identity) judgeSelf(peer NodeID, known Life) error {
	switch err := i.self.follows(known); err {
	case errOtherData:
		return fmt.Errorf("%w: node %d knows it with %w (%s, now %s)", ErrForgotten, peer, err, known.Data, i.self.Data)
	case errEarlierLife:
		return fmt.Errorf("%w: node %d has met it in life %d, now it is in life %d", ErrRolledBack, peer, known.Number, i.self.Number)
	}
	return nil
}

// judgePeer says why a peer is not let in.
func (i *Identity) judgePeer(peer NodeID, now Life) error {
	known := i.known[peer]
	switch err := now.follows(known); err {
	case errOtherData:
		return fmt.Errorf("node %d is known with %w (%s, now %s): it has lost what it promised to keep and must not take part",
			peer, err, known.Data, now.Data)
	case errEarlierLife:
		return fmt.Errorf("node %d has %w: it was met in life %d, now it is in life %d, and must not take part", peer, err,
			known.Number, now.Number)
	}
	return nil
}

// save writes the record and calls done when it is durable. After an error the node must stop.
func (i *Identity) save(done func(error)) {
	var b disk.Batch
	b.Set(identityKey, i.encode())
	i.saving++
	taken := i.taken
	i.cfg.Store.Sync(&b, func(err error) {
		i.saving--
		if err != nil {
			err = fmt.Errorf("write the identity: %w", err)
			i.cfg.Fail(err)
		} else {
			i.admits = i.admits || taken
		}
		done(err)
	})
}

func (i *Identity) encode() []byte {
	b := append([]byte{byte(firstFormat)}, i.self.Data[:]...)
	b = binary.AppendUvarint(b, i.self.Number)
	b = append(b, bit(i.taken))
	b = binary.AppendUvarint(b, uint64(len(i.known)))
	var peers []NodeID
	for p := range i.known { // order: sorted below
		peers = append(peers, p)
	}
	slices.Sort(peers)
	for _, p := range peers {
		l := i.known[p]
		b = append(binary.AppendUvarint(b, uint64(p)), l.Data[:]...)
		b = binary.AppendUvarint(b, l.Number)
		b = binary.BigEndian.AppendUint64(b, l.Boot)
	}
	return b
}

func (i *Identity) decode(b []byte, newest Format) error {
	r := reader{buf: b, newest: newest}
	r.version(firstFormat)
	r.fill(i.self.Data[:])
	i.self.Number, i.taken = r.uvarint(), r.byte() == 1
	for range r.count(26) {
		peer := NodeID(r.uvarint())
		var l Life
		r.fill(l.Data[:])
		l.Number = r.uvarint()
		var boot [8]byte
		r.fill(boot[:])
		l.Boot = binary.BigEndian.Uint64(boot[:])
		i.known[peer] = l
	}
	return r.end("identity")
}
