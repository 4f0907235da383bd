package wire

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// JSON forms of the value types. Decoders bound what they keep, so that a body costs memory in proportion to its size.

// errWrongType refuses a value; the library adds where it is.
var errWrongType = errors.New("wrong type")

// UnmarshalJSONFrom decodes a JSON number, a decimal string or null.
func (o *OptInt) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case 'n':
		*o = OptInt{}
		return nil
	case '0', '"':
		value, ok := parseInt(token.String())
		if !ok {
			return errWrongType
		}
		*o = Int(value)
		return nil
	}
	return errWrongType
}

// parseInt reads a decimal integer; one beyond int32 becomes the nearest int32.
func parseInt(text string) (value int32, ok bool) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if !isDigits(digits) {
		return 0, false
	}
	wide, err := strconv.ParseInt(text, 10, 64)
	if err != nil && text[0] == '-' {
		wide = math.MinInt32
	} else if err != nil {
		wide = math.MaxInt32
	}
	return int32(min(max(wide, math.MinInt32), math.MaxInt32)), true
}

// MarshalJSONTo encodes a JSON number; absence, where it is not left out, is null.
func (o OptInt) MarshalJSONTo(enc *jsontext.Encoder) error {
	if !o.Set {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteToken(jsontext.Int(int64(o.Value)))
}

// UnmarshalJSONFrom decodes an object of strings; members that are null are absent.
func (p *Pairs) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*p = nil
	err := readMembers(dec, func(name string) error {
		if len(*p) > MaxPairs {
			return dec.SkipValue()
		}
		token, err := dec.ReadToken()
		switch {
		case err != nil:
			return err
		case token.Kind() == 'n':
		case token.Kind() == '"':
			*p = append(*p, Pair{name, token.String()})
		default:
			return errWrongType
		}
		return nil
	})
	slices.SortFunc(*p, comparePairs)
	return err
}

// MarshalJSONTo encodes an object of strings.
func (p Pairs) MarshalJSONTo(enc *jsontext.Encoder) error {
	return enc.WriteValue(appendJSONPairs(nil, p))
}

// attributeJSON is the JSON form of a message attribute.
type attributeJSON struct {
	DataType         string
	StringValue      string
	BinaryValue      []byte
	StringListValues listJSON
	BinaryListValues listJSON
}

// UnmarshalJSONFrom decodes an object of attributes; members that are null are absent.
func (m *MessageAttributes) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*m = nil
	err := readMembers(dec, func(name string) error {
		if len(*m) > MaxMessageAttributes || dec.PeekKind() == 'n' {
			return dec.SkipValue()
		}
		var a attributeJSON
		if err := json.UnmarshalDecode(dec, &a); err != nil {
			return err
		}
		lists := bool(a.StringListValues || a.BinaryListValues)
		*m = append(*m, MessageAttribute{name, a.DataType, a.StringValue, a.BinaryValue, lists})
		return nil
	})
	slices.SortFunc(*m, compareAttributes)
	return err
}

// MarshalJSONTo encodes an object of attributes.
func (m MessageAttributes) MarshalJSONTo(enc *jsontext.Encoder) error {
	return enc.WriteValue(appendJSONAttributes(nil, m))
}

// listJSON says that a list has elements, whatever they are.
type listJSON bool

// UnmarshalJSONFrom decodes a list or null.
func (l *listJSON) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	switch {
	case err != nil:
		return err
	case value.Kind() == 'n':
	case value.Kind() == '[':
		*l = len(bytes.TrimSpace(value[1:len(value)-1])) > 0
	default:
		return errWrongType
	}
	return nil
}

// UnmarshalJSONFrom decodes a list of strings or null.
func (n *Names) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	list, err := readList[string](dec, MaxNames+1)
	*n = list
	return err
}

// UnmarshalJSONFrom decodes a list of entries or null.
func (b *Batch[E]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	list, err := readList[E](dec, MaxBatchEntries+1)
	*b = list
	return err
}

// UnmarshalJSONFrom decodes a message and tells an empty id from an absent one.
func (r *SendMessageRequest) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	type Plain SendMessageRequest
	message := struct {
		*Plain
		idsJSON
	}{Plain: (*Plain)(r)}
	err := json.UnmarshalDecode(dec, &message)
	message.idsJSON.give(&r.Outgoing)
	return err
}

// UnmarshalJSONFrom decodes an entry and tells an empty id from an absent one.
func (e *SendMessageBatchEntry) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	type Plain SendMessageBatchEntry
	message := struct {
		*Plain
		idsJSON
	}{Plain: (*Plain)(e)}
	err := json.UnmarshalDecode(dec, &message)
	message.idsJSON.give(&e.Outgoing)
	return err
}

// idsJSON takes the place of the members of the same names in what it is embedded next to.
type idsJSON struct {
	Group *string `json:"MessageGroupId"`
	Dedup *string `json:"MessageDeduplicationId"`
}

func (ids idsJSON) give(m *Outgoing) {
	if ids.Group != nil {
		m.MessageGroupID, m.emptyGroupID = *ids.Group, *ids.Group == ""
	}
	if ids.Dedup != nil {
		m.MessageDeduplicationID, m.emptyDedupID = *ids.Dedup, *ids.Dedup == ""
	}
}

// readMembers calls read for each member of the object that comes next; read consumes the member's value.
func readMembers(dec *jsontext.Decoder, read func(name string) error) error {
	begin, err := dec.ReadToken()
	if err != nil || begin.Kind() == 'n' {
		return err
	}
	if begin.Kind() != '{' {
		return errWrongType
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := read(name.String()); err != nil {
			return err
		}
	}
	_, err = dec.ReadToken()
	return err
}

// readList decodes the list that comes next and keeps the first elements of it.
func readList[E any](dec *jsontext.Decoder, keep int) ([]E, error) {
	begin, err := dec.ReadToken()
	if err != nil || begin.Kind() == 'n' {
		return nil, err
	}
	if begin.Kind() != '[' {
		return nil, errWrongType
	}
	var list []E
	for dec.PeekKind() != ']' {
		if len(list) == keep {
			if err := dec.SkipValue(); err != nil {
				return nil, err
			}
			continue
		}
		var element E
		if err := json.UnmarshalDecode(dec, &element); err != nil {
			return nil, err
		}
		list = append(list, element)
	}
	_, err = dec.ReadToken()
	return list, err
}
