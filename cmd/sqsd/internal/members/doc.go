// Package members carries out what an operator wants of a cluster's members: a node is to vote in every group, or to be a
// member of none.
//
// Only a group's leader changes its members. So the node that the operator asks goes from group to group and asks whoever
// leads, over the connections that the nodes have anyway: a question is a frame of a group that no cluster has, which nodes
// that do not know of it drop. Frames get lost, nodes die and leaders change; the question is then asked again. That is
// safe, because each says what is to be and not what is to be done, and a leader that finds it so answers that it is done.
// The same holds for the operator's command as a whole.
package members
