package wire

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// BodyMD5 is MD5OfMessageBody and MD5OfBody: the lower-case hex MD5 of the body's UTF-8 bytes.
func BodyMD5(body string) string {
	var chunk [1024]byte
	h := md5.New()
	for len(body) > 0 {
		n := copy(chunk[:], body)
		h.Write(chunk[:n])
		body = body[n:]
	}
	return hexDigest([md5.Size]byte(h.Sum(chunk[:0])))
}

// AttributesMD5 is MD5OfMessageAttributes, or MD5OfMessageSystemAttributes for system attributes. It is empty for no
// attributes. Each attribute, in name order, adds its name, data type, transport type and value; each but the transport
// type is preceded by its length in four big-endian bytes (developer guide, "calculating the MD5 message digest").
func AttributesMD5(attributes MessageAttributes) string {
	if len(attributes) == 0 {
		return ""
	}
	var buf []byte
	for i := range attributes {
		a := &attributes[i]
		buf = appendSized(buf, a.Name)
		buf = appendSized(buf, a.DataType)
		if a.IsBinary() {
			buf = append(buf, 2)
			buf = binary.BigEndian.AppendUint32(buf, uint32(len(a.BinaryValue)))
			buf = append(buf, a.BinaryValue...)
		} else {
			buf = append(buf, 1)
			buf = appendSized(buf, a.StringValue)
		}
	}
	return hexDigest(md5.Sum(buf))
}

// DeduplicationID is the deduplication id of a message to a FIFO queue: the one that it was sent with, or, if the queue
// has ContentBasedDeduplication, the SHA-256 of its body in lower-case hex. It refuses a message that has neither as
// InvalidParameterValue; a batch with such an entry is refused as a whole (sqs-semantics 3.9, 4.1, 4.2).
func DeduplicationID(m *Outgoing, contentBased bool) (string, *Error) {
	if m.MessageDeduplicationID != "" {
		return m.MessageDeduplicationID, nil
	}
	if !contentBased {
		return "", Errorf(InvalidParameterValue, "The queue should either have ContentBasedDeduplication enabled or "+
			"MessageDeduplicationId provided explicitly.")
	}
	sum := sha256.Sum256([]byte(m.MessageBody))
	return hex.EncodeToString(sum[:]), nil
}

func appendSized(buf []byte, s string) []byte {
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(s)))
	return append(buf, s...)
}

func hexDigest(sum [md5.Size]byte) string {
	var text [2 * md5.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}
