package wire

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// form is the parameters of a Query request as a tree, or a part of it: the parameter a.1.b=v is the text v at b below 1
// below a (sqs-semantics 1.4).
type form struct {
	text  string
	given bool
	below map[string]*form
	state *formState
}

// formState is what all parts of a form share.
type formState struct {
	parameters int
	err        *Error // the first fault that a reader found
}

// parseForm reads parameters in their URL-encoded form. Of a parameter that is given twice the first counts.
func parseForm(texts ...string) (*form, *Error) {
	f := &form{state: new(formState)}
	for _, text := range texts {
		for text != "" {
			var parameter string
			parameter, text, _ = strings.Cut(text, "&")
			if parameter == "" {
				continue
			}
			if f.state.parameters++; f.state.parameters > MaxFormParameters {
				return nil, Errorf(InvalidParameterValue, "A request can have at most %d parameters.", MaxFormParameters)
			}
			if !f.add(parameter) {
				return nil, Errorf(Serialization, "The parameter %s is not valid URL encoding of UTF-8 text.", clip(parameter))
			}
		}
	}
	return f, nil
}

// add puts a parameter into the tree. Names with more parts than any real one are dropped.
func (f *form) add(parameter string) bool {
	name, text, _ := strings.Cut(parameter, "=")
	name, err := url.QueryUnescape(name)
	if err != nil || !utf8.ValidString(name) {
		return false
	}
	text, err = url.QueryUnescape(text)
	if err != nil || !utf8.ValidString(text) {
		return false
	}
	if strings.Count(name, ".") >= maxFormDepth {
		return true
	}
	for part := range strings.SplitSeq(name, ".") {
		next := f.below[part]
		if next == nil {
			next = &form{state: f.state}
			if f.below == nil {
				f.below = make(map[string]*form)
			}
			f.below[part] = next
		}
		f = next
	}
	if !f.given {
		f.text, f.given = text, true
	}
	return true
}

// maxFormDepth bounds the parts of a parameter's name; the longest name of the API has 6.
const maxFormDepth = 8

// at is the part of the form below a name; it is empty if there is none.
func (f *form) at(name string) *form {
	if part := f.below[name]; part != nil {
		return part
	}
	return &form{state: f.state}
}

// read is the text of a parameter, empty if it is absent.
func (f *form) read(name string) string { return f.at(name).text }

// refuse keeps the first fault.
func (f *form) refuse(err *Error) {
	if f.state.err == nil {
		f.state.err = err
	}
}

// integer is a parameter that is a decimal integer; empty is absent.
func (f *form) integer(name string) OptInt {
	text := f.read(name)
	if text == "" {
		return OptInt{}
	}
	value, ok := parseInt(text)
	if !ok {
		f.refuse(BadValue(name, text, "Must be an integer."))
	}
	return Int(value)
}

// bytes is a parameter in base64; absent and empty are nil.
func (f *form) bytes(name string) []byte {
	text := f.read(name)
	if text == "" {
		return nil
	}
	value, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		f.refuse(Errorf(Serialization, "The parameter %s is not base64.", name))
	}
	return value
}

// list is the elements of a list in the order of their indexes, at most so many. Indexes may have gaps. Without an
// index a single element is meant.
func (f *form) list(name string, most int) []*form {
	type element struct {
		index int32
		key   string
		part  *form
	}
	list := f.at(name)
	var elements []element
	for key, part := range list.below {
		if index, ok := parseInt(key); ok && index >= 0 {
			elements = append(elements, element{index, key, part})
		}
	}
	if len(elements) == 0 && (list.given || len(list.below) > 0) {
		return []*form{list}
	}
	slices.SortFunc(elements, func(a, b element) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.key, b.key))
	})
	var parts []*form
	for _, e := range elements[:min(len(elements), most)] {
		parts = append(parts, e.part)
	}
	return parts
}

// names is a list of texts.
func (f *form) names(name string) Names {
	var names Names
	for _, part := range f.list(name, MaxNames+1) {
		names = append(names, part.text)
	}
	return names
}

// pairs is a map, as a list of elements with a name and a value, whatever the two are called. An absent value is empty.
func (f *form) pairs(list, name, value string) Pairs {
	var pairs Pairs
	for _, part := range f.list(list, MaxPairs+1) {
		pairs = append(pairs, Pair{part.read(name), part.read(value)})
	}
	slices.SortFunc(pairs, comparePairs)
	for i := 1; i < len(pairs); i++ {
		if pairs[i].Name == pairs[i-1].Name {
			f.refuse(BadValue(list, pairs[i].Name, "It is given twice."))
		}
	}
	return pairs
}

// attributes is a map of message attributes.
func (f *form) attributes(list string) MessageAttributes {
	var attributes MessageAttributes
	for _, part := range f.list(list, MaxMessageAttributes+1) {
		value := part.at("Value")
		attributes = append(attributes, MessageAttribute{
			Name: part.read("Name"), DataType: value.read("DataType"), StringValue: value.read("StringValue"),
			BinaryValue: value.bytes("BinaryValue"),
			lists:       value.below["StringListValue"] != nil || value.below["BinaryListValue"] != nil,
		})
	}
	slices.SortFunc(attributes, compareAttributes)
	for i := 1; i < len(attributes); i++ {
		if attributes[i].Name == attributes[i-1].Name {
			f.refuse(badAttribute(attributes[i].Name, "It is given twice."))
		}
	}
	return attributes
}
