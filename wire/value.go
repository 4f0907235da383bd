package wire

import (
	"slices"
	"strings"
)

// Time is an instant in milliseconds since the Unix epoch: the resolution of every SQS timestamp.
type Time int64

// OptInt is an optional integer parameter. In JSON it is a number or a decimal string and null is absent; in a Query form
// it is a decimal and the empty text is absent. A number beyond int32 becomes the nearest int32, which is outside every
// parameter's range.
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
// by name with distinct names, so that its order never depends on a hash. In JSON it is an object.
type Pairs []Pair

// Pair is one member of Pairs.
type Pair struct{ Name, Value string }

// Get returns the value of a name and whether there is one.
func (p Pairs) Get(name string) (string, bool) {
	i, found := p.find(name)
	if !found {
		return "", false
	}
	return p[i].Value, true
}

// With returns a copy of p in which name has the value.
func (p Pairs) With(name, value string) Pairs {
	i, found := p.find(name)
	if found {
		p = slices.Clone(p)
		p[i].Value = value
		return p
	}
	return slices.Insert(slices.Clone(p), i, Pair{name, value})
}

// Without returns p, or a copy of p that lacks name.
func (p Pairs) Without(name string) Pairs {
	i, found := p.find(name)
	if !found {
		return p
	}
	return slices.Delete(slices.Clone(p), i, i+1)
}

func (p Pairs) find(name string) (int, bool) {
	return slices.BinarySearchFunc(p, name, func(have Pair, name string) int { return strings.Compare(have.Name, name) })
}

func comparePairs(a, b Pair) int { return strings.Compare(a.Name, b.Name) }

// MessageAttributes are the typed attributes of a message, sorted by name with distinct names. In JSON they are an
// object.
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
	// lists says that the request carried StringListValues or BinaryListValues, which SQS refuses.
	lists bool
}

// IsBinary says that the attribute's value is BinaryValue: its data type is Binary or Binary with a label.
func (a *MessageAttribute) IsBinary() bool { return baseType(a.DataType) == "Binary" }

// baseType is a data type without its label.
func baseType(dataType string) string {
	base, _, _ := strings.Cut(dataType, ".")
	return base
}

func compareAttributes(a, b MessageAttribute) int { return strings.Compare(a.Name, b.Name) }

// Names lists attribute names. Decoders keep at most one more than [MaxNames].
type Names []string

// Batch is the entries of a batch request. Decoders keep at most one more than [MaxBatchEntries].
type Batch[E any] []E
