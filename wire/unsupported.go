package wire

// unsupported refuses well-formed settings whose effect sqsd does not have, rather than keep them without effect: FIFO
// queues and dead-letter queues.
func unsupported(queueName string, attributes Pairs) *Error {
	if IsFIFO(queueName) {
		return Errorf(UnsupportedOperation, "FIFO queues are not implemented yet.")
	}
	for _, name := range [...]string{AttrRedrivePolicy, AttrRedriveAllowPolicy} {
		if value, _ := attributes.Get(name); value != "" {
			return Errorf(UnsupportedOperation, "The attribute %s is not implemented yet.", name)
		}
	}
	return nil
}
