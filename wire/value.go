package wire

// Time is an instant in milliseconds since the Unix epoch: the resolution of every SQS timestamp.
type Time int64

// OptInt is an optional integer parameter. On the wire it is a JSON number or a decimal string; null is absent.
type OptInt struct {
	Value int32
	Set   bool
}

// Int is a present OptInt.
func Int(v int32) OptInt { return OptInt{Value: v, Set: true} }

// Or returns the value, or def if it is absent.
func (o OptInt) Or(def int32) int32 {
	if o.Set {
		return o.Value
	}
	return def
}

// IsZero says that the parameter is absent, so that encoders leave it out.
func (o OptInt) IsZero() bool { return !o.Set }

// Pairs is a map from names to strings (queue attributes, tags, system attributes of a received message), kept sorted
// by name with distinct names, so that its order never depends on a hash. On the wire it is a JSON object.
type Pairs []Pair

// Pair is one member of Pairs.
type Pair struct{ Name, Value string }

// MessageAttributes are the typed attributes of a message, sorted by name with distinct names. On the wire they are a
// JSON object.
type MessageAttributes []MessageAttribute

// MessageAttribute is one typed attribute of a message.
type MessageAttribute struct {
	Name string
	// DataType is String, Number or Binary, with an optional label after a dot.
	DataType string
	// StringValue is the value of a String or Number.
	StringValue string
	// BinaryValue is the value of a Binary; base64 on the wire.
	BinaryValue []byte
}
