package node

import (
	"errors"
	"fmt"
	"slices"
)

// Judge says why a peer's greeting is to be refused, and notes nothing. self says that the peer knows better than this
// node, which must stop and is not to answer. A peer that is refused itself has no say in that.
func (i *Identity) Judge(peer NodeID, g Greeting) (self bool, err error) {
	if i.refused != nil {
		return true, i.refused
	}
	if err := i.judgePeer(peer, g.Self); err != nil {
		return false, err
	}
	if err := i.judgeSelf(peer, g.Peer); err != nil {
		i.Refuse(err)
		return true, err
	}
	return false, nil
}

// How a life can fail to follow the latest one that was met.
var (
	errOtherData   = errors.New("other data")
	errEarlierLife = errors.New("an older copy of the data")
)

// follows says why a life that shows up cannot come behind, or be, the latest known.
func (l Life) follows(known Life) error {
	switch {
	case l.Data != known.Data:
		return errOtherData
	case l.Number < known.Number || l.Number == known.Number && l.Boot != known.Boot:
		return errEarlierLife
	}
	return nil
}

// judgeSelf says why this node must stop: what a peer knows of it is not one of its lives. A number alone proves nothing,
// since an older copy that is started often enough passes every number.
func (i *Identity) judgeSelf(peer NodeID, known Life) error {
	a := i.known[peer]
	switch {
	case known == Life{}:
		return nil
	case known.Data != i.self.Data:
		return fmt.Errorf("%w: node %d knows it with %w (%s, now %s)", ErrForgotten, peer, errOtherData, known.Data, i.self.Data)
	case known.Number == 0, a != nil && known.Number < a.told, slices.Contains(i.lives, known):
		return nil // adopted; said before the peer knew better; or right
	}
	return fmt.Errorf("%w: node %d has met it in %s", ErrRolledBack, peer, known.beside(i.self))
}

// judgePeer says why a peer is not let in.
func (i *Identity) judgePeer(peer NodeID, now Life) error {
	a := i.known[peer]
	if a == nil {
		return nil
	}
	switch err := now.follows(a.life); err {
	case errOtherData:
		return fmt.Errorf("node %d is known with %w (%s, now %s): it has lost what it promised to keep and must not take part",
			peer, err, a.life.Data, now.Data)
	case errEarlierLife:
		return fmt.Errorf("node %d has %w: it was met in %s, and must not take part", peer, err, a.life.beside(now))
	}
	return nil
}

// beside words a life that was met, and the present one.
func (l Life) beside(now Life) string {
	another := ""
	if l.Number == now.Number {
		another = "another "
	}
	return fmt.Sprintf("life %d, now it is in %slife %d", l.Number, another, now.Number)
}
