package wire

import (
	"bytes"
	"errors"
	"net/http"
	"sync"
)

// readBody reads a request's body into a buffer that the caller gives back.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) (*bytes.Buffer, *Error) {
	if r.ContentLength > limit {
		return nil, bodyTooLong(limit)
	}
	body := takeBuffer()
	body.Grow(int(min(max(r.ContentLength, 0), maxPooledBuffer)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, bodyTooLong(limit)
	}
	if err != nil {
		return nil, Errorf(Serialization, "The request body could not be read to its end.")
	}
	return body, nil
}

func bodyTooLong(limit int64) *Error {
	return Errorf(InvalidParameterValue, "The request body must have at most %d bytes.", limit)
}

// maxPooledBuffer is the size above which a buffer is not kept for reuse, in bytes.
const maxPooledBuffer = 64 << 10

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func takeBuffer() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

// giveBuffer returns a buffer, with the memory that its content has grown into.
func giveBuffer(b *bytes.Buffer, content []byte) {
	if cap(content) > maxPooledBuffer {
		return
	}
	*b = *bytes.NewBuffer(content)
	buffers.Put(b)
}
