// Package peer carries frames between the nodes of a cluster over TCP.
//
// A node dials every other node and sends frames over that connection; it receives over the connections that others
// dial. A connection opens with a handshake in which both sides say which cluster and which node they are, and what they
// know of each other's data. Then frames go one way and a beat every second goes the other way, so that a sender notices
// a dead path and dials anew.
//
// The transport is unreliable, as package node allows: frames that wait for a slow or dead peer are dropped, oldest
// first, and a broken connection loses what was on its way. It never changes a frame: a checksum guards each one.
//
// Nothing here authenticates or encrypts. The network between peers must be private.
package peer
