package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// DefaultAccount is the account id in queue URLs if none is configured.
const DefaultAccount = "000000000000"

// Config is what a [Handler] is told. The zero value is usable.
type Config struct {
	// Account is the account id of every queue: twelve digits, [DefaultAccount] if empty.
	Account string
	// Region is the region of every queue. ARNs of other regions name no queue here; if it is empty, any region will do.
	Region string
	// PublicURL is where clients reach the server, for example "https://queues.example.org"; queue URLs begin with it.
	// If it is empty they begin with the scheme and host of the request that asks. Whoever knows of a proxy that a request
	// was addressed to by another name puts that into the request's URL.Scheme and Host.
	PublicURL string
	// Verifier authenticates callers, whose access keys are then their identities. If it is nil anyone may call.
	Verifier *Verifier
	// SenderID is the identity of senders who are not authenticated; Account if empty.
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
	if !isAccount(config.Account) {
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

// codec is a protocol: how calls and answers are written.
type codec interface {
	// contentType is the value of that header of every answer.
	contentType() []string
	// decode finds the operation and its parameters in a request with a body.
	decode(r *http.Request, body []byte) (call, *Error)
	// appendAnswer appends the body of a successful answer to the operation with a name.
	appendAnswer(b []byte, name string, resp Response, requestID string) ([]byte, error)
	// appendError appends the body that refuses a call. It may add to the header of the answer.
	appendError(b []byte, e *Error, requestID string, header http.Header) (body []byte, status int)
}

// call is a client's call of an operation.
type call struct {
	name   string // of the operation
	action action
	req    validator
	sender string // the caller's identity
}

// ServeHTTP answers one call.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, protocol, header := h.config.RequestID(), codecOf(r), w.Header()
	header["X-Amzn-Requestid"] = []string{id}
	header["Content-Type"] = protocol.contentType()
	name, resp, refused := h.do(w, r, protocol)
	answer := takeBuffer()
	body, status := answer.AvailableBuffer(), http.StatusOK
	if refused == nil {
		var err error
		if body, err = protocol.appendAnswer(body, name, resp, id); err != nil {
			refused = Errorf(InternalFailure, "The answer could not be encoded.")
		}
	}
	if refused != nil {
		body, status = protocol.appendError(body[:0], refused, id, header)
	}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write(body)
	giveBuffer(answer, body)
}

// codecOf tells the protocol of a request: JSON if a header says so, else Query (sqs-semantics 1.1).
func codecOf(r *http.Request) codec {
	contentType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if r.Header.Get(jsonTargetHeader) != "" || strings.EqualFold(strings.TrimSpace(contentType), jsonContentType) {
		return jsonCodec{}
	}
	return queryCodec{}
}

// do takes one call from its bytes to the backend and back.
func (h *Handler) do(w http.ResponseWriter, r *http.Request, protocol codec) (name string, resp Response, err *Error) {
	c, err := h.read(w, r, protocol)
	if err != nil {
		return "", nil, err
	}
	if err := h.admit(r, &c); err != nil {
		return "", nil, err
	}
	resp, err = h.backend.Do(r.Context(), c.req)
	if err != nil {
		return "", nil, err
	}
	if c.action.answer != nil {
		c.action.answer(h.view(r), c.req, resp)
	}
	return c.name, resp, nil
}

// read reads a request's body, finds out who sends it, and decodes it.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, protocol codec) (call, *Error) {
	body, err := readBody(w, r, h.config.MaxBodyBytes)
	if err != nil {
		return call{}, err
	}
	defer func() { giveBuffer(body, body.Bytes()) }()
	sender := h.config.SenderID
	if h.config.Verifier != nil {
		if sender, err = h.config.Verifier.Verify(r, body.Bytes()); err != nil {
			return call{}, err
		}
	}
	c, err := protocol.decode(r, body.Bytes())
	c.sender = sender
	return c, err
}

func (h *Handler) view(r *http.Request) *view {
	base := h.config.PublicURL
	if base == "" {
		base = "http://" + r.Host
		if r.TLS != nil || r.URL.Scheme == "https" {
			base = "https://" + r.Host
		}
	}
	return &view{base, h.config.Account}
}
