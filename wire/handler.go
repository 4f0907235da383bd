package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// DefaultAccount is the account id in queue URLs if none is configured.
const DefaultAccount = "000000000000"

// Config is what a [Handler] is told. The zero value is usable.
type Config struct {
	// Account is the account id of every queue: twelve digits, [DefaultAccount] if empty.
	Account string
	// PublicURL is where clients reach the server, for example "https://queues.example.org"; queue URLs begin with it.
	// If it is empty they begin with the scheme and host of the request that asks.
	PublicURL string
	// SenderID is the identity of senders, who are not authenticated; Account if empty.
	SenderID string
	// MaxBodyBytes bounds a request's body; [DefaultMaxBodyBytes] if 0. A longer one is refused as InvalidParameterValue.
	MaxBodyBytes int64
	// RequestID gives each response its id; random UUIDs if nil. It is called from many goroutines.
	RequestID func() string
}

// Handler serves the SQS API over HTTP. Limits on time and on headers are the HTTP server's. A panic of the backend
// goes through it.
type Handler struct {
	backend Backend
	config  Config
}

// NewHandler makes a Handler, or says what is wrong with the configuration.
func NewHandler(backend Backend, config Config) (*Handler, error) {
	if config.Account == "" {
		config.Account = DefaultAccount
	}
	if len(config.Account) != len(DefaultAccount) || !isDigits(config.Account) {
		return nil, fmt.Errorf("account %q: must be %d digits", config.Account, len(DefaultAccount))
	}
	if config.PublicURL != "" {
		public, err := url.Parse(config.PublicURL)
		if err != nil || public.Scheme != "http" && public.Scheme != "https" || public.Host == "" ||
			public.RawQuery != "" || public.Fragment != "" || public.User != nil {
			return nil, fmt.Errorf("public URL %q: must be like http://host:port", config.PublicURL)
		}
		config.PublicURL = strings.TrimRight(config.PublicURL, "/")
	}
	if config.SenderID == "" {
		config.SenderID = config.Account
	}
	if config.MaxBodyBytes < 0 {
		return nil, fmt.Errorf("body limit %d: must not be negative", config.MaxBodyBytes)
	}
	if config.MaxBodyBytes == 0 {
		config.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if config.RequestID == nil {
		config.RequestID = randomUUID
	}
	return &Handler{backend, config}, nil
}

// ServeHTTP answers one call.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header["X-Amzn-Requestid"] = []string{h.config.RequestID()}
	header["Content-Type"] = jsonContentTypes
	resp, refused := h.call(w, r)
	answer := takeBuffer()
	body, status := answer.AvailableBuffer(), http.StatusOK
	if refused == nil {
		var err error
		if body, err = AppendJSON(body, resp); err != nil {
			refused = Errorf(InternalFailure, "The answer could not be encoded.")
		}
	}
	if refused != nil {
		body, status = appendJSONError(body[:0], refused), refused.Code.Status()
		header["X-Amzn-Query-Error"] = []string{refused.Code.Query() + ";" + refused.Code.fault()}
	}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write(body)
	giveBuffer(answer, body)
}

// jsonContentTypes is shared by all responses; nobody changes it.
var jsonContentTypes = []string{jsonContentType}

// call takes one call from its action to the backend and back.
func (h *Handler) call(w http.ResponseWriter, r *http.Request) (Response, *Error) {
	action, err := findAction(r)
	if err != nil {
		return nil, err
	}
	req := action.request()
	if err := h.decode(w, r, req); err != nil {
		return nil, err
	}
	if err := h.admit(r, req); err != nil {
		return nil, err
	}
	resp, err := h.backend.Do(r.Context(), req)
	if err != nil {
		return nil, err
	}
	if action.answer != nil {
		action.answer(h.view(r), req, resp)
	}
	return resp, nil
}

// findAction finds the operation that a request names.
func findAction(r *http.Request) (action, *Error) {
	target := r.Header.Get(jsonTargetHeader)
	contentType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if target == "" && !strings.EqualFold(strings.TrimSpace(contentType), jsonContentType) {
		return action{}, Errorf(UnsupportedOperation, "Only the AWS JSON 1.0 protocol is implemented yet: "+
			"send the header %s and the content type %s.", jsonTargetHeader, jsonContentType)
	}
	name, ok := strings.CutPrefix(target, jsonTargetPrefix)
	row, known := actions[name]
	if !ok || !known || r.Method != http.MethodPost {
		return action{}, Errorf(UnknownOperation, "The method %s with the target %q is no known operation.",
			clip(r.Method), clip(target))
	}
	return row, nil
}

// decode reads a request's body.
func (h *Handler) decode(w http.ResponseWriter, r *http.Request, req Request) *Error {
	limit := h.config.MaxBodyBytes
	if r.ContentLength > limit {
		return bodyTooLong(limit)
	}
	body := takeBuffer()
	body.Grow(int(min(max(r.ContentLength, 0), maxPooledBuffer)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return bodyTooLong(limit)
	}
	if err != nil {
		return Errorf(Serialization, "The request body could not be read to its end.")
	}
	refused := DecodeJSON(body.Bytes(), req)
	giveBuffer(body, body.Bytes())
	return refused
}

func bodyTooLong(limit int64) *Error {
	return Errorf(InvalidParameterValue, "The request body must have at most %d bytes.", limit)
}

// admit completes a decoded request and judges it. The order is that of SQS: required members, the queue, then content,
// so that whoever addresses a queue that does not exist hears of that first.
func (h *Handler) admit(r *http.Request, req validator) *Error {
	queue, _ := req.(QueueRequest)
	if queue != nil && queue.Ref().QueueURL == "" {
		return NoSuchQueue()
	}
	if err := req.required(); err != nil {
		return err
	}
	if queue != nil {
		name, ok := QueueNameOf(queue.Ref().QueueURL, h.config.Account)
		if !ok {
			return NoSuchQueue()
		}
		queue.Ref().Name = name
	}
	switch req := req.(type) {
	case *GetQueueURLRequest:
		if req.QueueOwnerAWSAccountID != "" && req.QueueOwnerAWSAccountID != h.config.Account {
			return NoSuchQueue()
		}
	case *SendMessageRequest:
		h.sign(r, &req.Outgoing)
	case *SendMessageBatchRequest:
		for i := range req.Entries {
			h.sign(r, &req.Entries[i].Outgoing)
		}
	}
	err := judge(req)
	if err != nil && queue != nil && !h.exists(r.Context(), queue.Ref().Name) {
		return NoSuchQueue()
	}
	return err
}

// sign adds what SQS learns of a message from the HTTP request: who sends it, and the trace that it belongs to.
func (h *Handler) sign(r *http.Request, m *Outgoing) {
	m.SenderID = h.config.SenderID
	trace := r.Header.Get("X-Amzn-Trace-Id")
	if len(m.MessageSystemAttributes) == 0 && isTraceHeader(trace) {
		m.MessageSystemAttributes = MessageAttributes{{Name: traceHeader, DataType: "String", StringValue: trace}}
	}
}

// exists says whether a queue exists, or cannot be found out about just now.
func (h *Handler) exists(ctx context.Context, queueName string) bool {
	_, err := h.backend.Do(ctx, &GetQueueURLRequest{QueueName: queueName})
	return err == nil || err.Code != QueueDoesNotExist
}

func (h *Handler) view(r *http.Request) *view {
	base := h.config.PublicURL
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil {
			base = "https://" + r.Host
		}
	}
	return &view{base, h.config.Account}
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
