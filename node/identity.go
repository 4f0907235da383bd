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
	// Adopt is what is known of a node of a build that kept no identity in its store. It is nil unless there may be such data.
	Adopt *Adoption
	// Store is the node's log store.
	Store  disk.Store
	Random io.Reader
	// Fail is called when the node must stop: with [ErrForgotten], [ErrRolledBack] or an error of the store.
	Fail func(error)
}

// Adoption is the identity of a node whose build kept it elsewhere.
type Adoption struct {
	Data  DataID            // the node's own; zero if it had none: then one is drawn
	Peers map[NodeID]DataID // of the peers that it has met
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
// when they tell it so, for good.
//
// Like a replica it is a passive object, used from one thread at a time. What it says of itself, and what it knows of a
// peer, is durable before it counts.
//
// A peer cannot tell an older copy that was started more often than the original from the original; only the node itself
// can, by the lives that it remembers. So of two that greet each other, none notes the other's life, or takes its frames,
// before that one has judged what is known of it: who is greeted judges, and answers unless it must stop itself; who has
// greeted judges the answer, notes it and confirms; who has answered notes the other's life then, and takes its frames.
type Identity struct {
	cfg     IdentityConfig
	self    Life
	taken   bool                // part in the cluster, ever: durable
	lives   []Life              // of this node on this data, with numbers that rise: the present one is the last
	known   map[NodeID]*metPeer // the peers that were met
	refused error               // why this node must not run, now or ever: durable before it stops
	saving  int                 // writes under way
	raised  bool                // the number of this life is durable
	admits  bool                // taken is durable
}

// metPeer is what a node knows of a peer.
type metPeer struct {
	life Life   // the latest that was met; one that was adopted has the number 0
	told uint64 // the latest life of this node that the peer has said it knows
	fits bool   // the peer does not keep this node from taking part
}

// OpenIdentity reads what the store has, or makes a new identity on an empty one, and begins the node's next life. ready
// is called once that is durable: not before may the node greet a peer. It returns disk.ErrCorrupt, wrapped, for a store
// that has data of a node, but no identity, unless it is to adopt that, and [ErrForgotten] or [ErrRolledBack] for a node
// that has stopped with it before.
func OpenIdentity(cfg IdentityConfig, ready func()) (*Identity, error) {
	i := &Identity{cfg: cfg, known: map[NodeID]*metPeer{}}
	b, err := cfg.Store.Get(identityKey)
	switch {
	case err == nil:
		if err = i.decode(b, NewestFormat); err != nil {
			err = corrupt(err)
		} else {
			err = i.refused
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
	i.remember()
	i.taken = i.taken || len(i.Missing()) == 0
	i.save(func(err error) {
		if err == nil {
			i.raised = true
			ready()
		}
	})
	return i, nil
}

// create draws a data id for an empty store, or adopts one.
func (i *Identity) create() error {
	empty := true
	if err := i.cfg.Store.Scan(nil, []byte{0xff}, func([]byte, []byte) bool { empty = false; return false }); err != nil {
		return err
	}
	old := i.cfg.Adopt
	if !empty && old == nil {
		return fmt.Errorf("%w: the store has data, but does not say whose", disk.ErrCorrupt)
	}
	if old != nil {
		i.taken, i.self.Data = !empty, old.Data
		for p, data := range old.Peers { // order: any
			i.known[p] = &metPeer{life: Life{Data: data}}
		}
	}
	if i.self.Data != (DataID{}) {
		return nil
	}
	_, err := io.ReadFull(i.cfg.Random, i.self.Data[:])
	return err
}

const (
	// recentLives is how many of its latest lives a node remembers in any case: a peer may know one that this node does not
	// know to be known.
	recentLives = 256
	// rememberedLives is how many it remembers at most. A peer that has been away for so many starts is taken to know better.
	rememberedLives = 1 << 16
)

// remember adds the present life to those of this node, and drops those before the earliest that a peer may still know as
// the latest.
func (i *Identity) remember() {
	i.lives = append(i.lives, i.self)
	last, needed := i.self.Number, i.self.Number
	for _, a := range i.known { // order: any
		needed = min(needed, a.told)
	}
	for _, p := range i.cfg.Peers {
		if p != i.cfg.Node && i.known[p] == nil {
			needed = 0
		}
	}
	i.lives = slices.DeleteFunc(i.lives, func(l Life) bool {
		return l.Number < needed && last-l.Number >= recentLives || last-l.Number >= rememberedLives
	})
}

// Life is the node's present life.
func (i *Identity) Life() Life { return i.self }

// Ready says that the node may greet its peers.
func (i *Identity) Ready() bool { return i.raised && i.refused == nil }

// Greet is what to tell a peer when a connection is opened, by either side.
func (i *Identity) Greet(peer NodeID) Greeting {
	g := Greeting{Self: i.self, New: !i.taken}
	if a := i.known[peer]; a != nil {
		g.Peer = a.life
	}
	return g
}

// Admitted says that frames may pass between this node and its peers: it has met all that the cluster starts with, now or in
// an earlier life, or it joins.
func (i *Identity) Admitted() bool { return i.admits }

// Missing are the peers that keep the node from being admitted.
//
// It is the rule for a new member on an empty disk: it does not vote, campaign or store anything before it has met every
// other node that the cluster starts with, and each was new as well or knows it. Otherwise nodes that have lost their disks
// could start a new cluster behind the back of one that has all the data.
//
// One that joins can start none. It need not meet anybody, since those that the cluster started with may be gone: its
// replicas do nothing before a leader has added them and sent a snapshot.
func (i *Identity) Missing() (peers []NodeID) {
	for _, p := range i.cfg.Peers {
		if a := i.known[p]; !i.taken && !i.cfg.Join && p != i.cfg.Node && (a == nil || !a.fits) {
			peers = append(peers, p)
		}
	}
	return peers
}

// Meet judges a greeting and calls done, possibly at once: with nil when what the peer says is noted durably, else with the
// reason to refuse it. The peer must have judged what this node knows of it: see [Identity].
func (i *Identity) Meet(peer NodeID, g Greeting, done func(error)) {
	if _, err := i.Judge(peer, g); err != nil {
		done(err)
		return
	}
	a := i.known[peer]
	if a == nil {
		a = &metPeer{}
		i.known[peer] = a
	}
	before, taken := *a, i.taken
	a.life = g.Self
	a.told = max(a.told, g.Peer.Number)
	a.fits = a.fits || g.New || g.Peer.Data == i.self.Data
	i.taken = i.taken || len(i.Missing()) == 0
	if before == *a && taken == i.taken && i.saving == 0 {
		done(nil)
		return
	}
	i.save(done)
}

// Refuse stops the node for good, with [ErrForgotten] or [ErrRolledBack]: it does not start again on this data.
func (i *Identity) Refuse(err error) {
	if i.refused != nil {
		return
	}
	i.refused = err
	i.save(func(failed error) {
		if failed == nil {
			i.cfg.Fail(err)
		}
	})
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
