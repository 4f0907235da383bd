package wire

// unsupportedCases are well-formed requests whose effect sqsd does not have; it refuses them rather than answer
// without effect.
var unsupportedCases = []struct {
	what    string
	applies func(Request) bool
}{
	{"a FIFO queue", createsFIFO},
}

// unsupported refuses a valid request that is one of the cases.
func unsupported(req Request) *Error {
	for _, c := range unsupportedCases {
		if c.applies(req) {
			return Errorf(UnsupportedOperation, "Not implemented yet: %s.", c.what)
		}
	}
	return nil
}

func createsFIFO(req Request) bool {
	create, ok := req.(*CreateQueueRequest)
	return ok && IsFIFO(create.QueueName)
}
