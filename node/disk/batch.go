package disk

import "encoding/binary"

// OpKind is what one write of a batch does.
type OpKind uint8

// The writes.
const (
	// OpSet sets a key.
	OpSet OpKind = iota + 1
	// OpDelete removes a key, which may be absent.
	OpDelete
	// OpSingleDelete removes a key that was set exactly once since it was last removed: a log-structured store can
	// then forget both writes when they meet.
	OpSingleDelete
	// OpDeleteRange removes the keys in [key, value).
	OpDeleteRange
)

// Batch is a list of writes that are applied in order and atomically. The zero value is an empty batch.
type Batch struct {
	data  []byte
	count int
}

// Set adds a write of key. The batch copies its arguments, here and below.
func (b *Batch) Set(key, value []byte) { b.add(OpSet, key, value) }

// Delete adds a removal of key.
func (b *Batch) Delete(key []byte) { b.add(OpDelete, key, nil) }

// SingleDelete adds a removal of a key that was set exactly once since it was last removed.
func (b *Batch) SingleDelete(key []byte) { b.add(OpSingleDelete, key, nil) }

// DeleteRange adds a removal of the keys in [lo, hi).
func (b *Batch) DeleteRange(lo, hi []byte) { b.add(OpDeleteRange, lo, hi) }

func (b *Batch) add(kind OpKind, key, value []byte) {
	b.data = append(b.data, byte(kind))
	b.data = binary.AppendUvarint(b.data, uint64(len(key)))
	b.data = binary.AppendUvarint(b.data, uint64(len(value)))
	b.data = append(b.data, key...)
	b.data = append(b.data, value...)
	b.count++
}

// Append adds the writes of other behind those of b.
func (b *Batch) Append(other *Batch) {
	b.data = append(b.data, other.data...)
	b.count += other.count
}

// Each calls f with every write in order. For OpDeleteRange value is the end of the range. The slices are valid until
// the batch is changed.
func (b *Batch) Each(f func(kind OpKind, key, value []byte)) {
	for d := b.data; len(d) > 0; {
		kind := OpKind(d[0])
		keyLen, n := binary.Uvarint(d[1:])
		d = d[1+n:]
		valueLen, n := binary.Uvarint(d)
		d = d[n:]
		f(kind, d[:keyLen:keyLen], d[keyLen:keyLen+valueLen:keyLen+valueLen])
		d = d[keyLen+valueLen:]
	}
}

// Value returns the value of the write that was added when Size was at. It is valid until the batch is changed.
func (b *Batch) Value(at int) []byte {
	d := b.data[at+1:]
	keyLen, n := binary.Uvarint(d)
	d = d[n:]
	valueLen, n := binary.Uvarint(d)
	d = d[n:]
	return d[keyLen : keyLen+valueLen : keyLen+valueLen]
}

// Len is the number of writes.
func (b *Batch) Len() int { return b.count }

// Size is the batch's size in bytes.
func (b *Batch) Size() int { return len(b.data) }

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() { b.data, b.count = b.data[:0], 0 }
