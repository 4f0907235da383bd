package node

// callState is what the replica keeps of a call.
type callState struct{}
