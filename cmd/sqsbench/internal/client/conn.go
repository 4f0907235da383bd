package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"strconv"
	"time"
)

const (
	readBuffer  = 32 << 10
	dialTimeout = 5 * time.Second
)

// Conn is one HTTP/1.1 connection to an endpoint. It dials when first used and again after a failure, and never
// repeats a request by itself: after an error the outcome is unknown. It is not safe for concurrent use.
type Conn struct {
	endpoint Endpoint
	signer   *Signer // nil: requests are not signed
	conn     net.Conn
	reader   *bufio.Reader
	out      []byte
	in       []byte
}

// NewConn prepares a connection without dialing. signer may be nil.
func NewConn(endpoint Endpoint, signer *Signer) *Conn {
	return &Conn{endpoint: endpoint, signer: signer}
}

// Do posts one request for an operation, such as "SendMessage", and returns the answer. The answer's Body is valid
// until the next call. After timeout, or any other error, the connection is closed.
func (c *Conn) Do(operation string, payload []byte, timeout time.Duration) (Answer, error) {
	if c.conn == nil {
		if err := c.dial(); err != nil {
			return Answer{}, err
		}
	}
	answer, err := c.exchange(operation, payload, timeout)
	if err != nil || answer.close {
		c.Close()
	}
	return answer, err
}

// Close ends the connection; a later Do dials again.
func (c *Conn) Close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

func (c *Conn) dial() error {
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.Dial("tcp", c.endpoint.Address)
	if err != nil {
		return err
	}
	if c.endpoint.TLS {
		host, _, err := net.SplitHostPort(c.endpoint.Address)
		if err != nil {
			conn.Close()
			return err
		}
		secure := tls.Client(conn, &tls.Config{ServerName: host})
		ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
		defer cancel()
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return err
		}
		conn = secure
	}
	c.conn = conn
	c.reader = bufio.NewReaderSize(conn, readBuffer)
	return nil
}

func (c *Conn) exchange(operation string, payload []byte, timeout time.Duration) (Answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return Answer{}, err
	}
	if err := c.render(operation, payload); err != nil {
		return Answer{}, err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return Answer{}, err
	}
	answer, err := readAnswer(c.reader, c.in[:0])
	c.in = answer.Body
	return answer, err
}

// render writes the whole request into c.out.
func (c *Conn) render(operation string, payload []byte) error {
	b := append(c.out[:0], "POST / HTTP/1.1\r\nHost: "...)
	b = append(b, c.endpoint.Host...)
	b = append(b, "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS."...)
	b = append(b, operation...)
	if c.signer != nil {
		var err error
		if b, err = c.signer.appendHeaders(b, c.endpoint, operation, payload); err != nil {
			return err
		}
	}
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	b = append(b, "\r\n\r\n"...)
	c.out = append(b, payload...)
	return nil
}
