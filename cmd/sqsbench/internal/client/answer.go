package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxAnswer bounds the body of an answer: ten messages of 1 MiB with every byte escaped.
const maxAnswer = 64 << 20

// Answer is an HTTP response.
type Answer struct {
	Status int
	// ErrorCode is the value of the x-amzn-query-error header up to the semicolon; empty if there was none.
	ErrorCode string
	Body      []byte

	close   bool  // the server ends the connection after this answer
	chunked bool  // body in chunks
	length  int64 // Content-Length; -1 if absent
}

var errMalformed = errors.New("malformed HTTP response")

// readAnswer reads one final response, skipping interim ones; the body is appended to body.
func readAnswer(r *bufio.Reader, body []byte) (Answer, error) {
	for {
		a, err := readHead(r)
		if err != nil {
			return Answer{Body: body}, err
		}
		if a.Status >= 100 && a.Status < 200 {
			continue
		}
		a.Body, err = readBody(r, &a, body)
		return a, err
	}
}

func readHead(r *bufio.Reader) (Answer, error) {
	a := Answer{length: -1}
	line, err := readLine(r)
	if err != nil {
		return a, err
	}
	if a.Status, a.close, err = parseStatusLine(line); err != nil {
		return a, err
	}
	for {
		line, err := readLine(r)
		if err != nil {
			return a, err
		}
		if len(line) == 0 {
			return a, nil
		}
		if err := a.header(line); err != nil {
			return a, err
		}
	}
}

// parseStatusLine reads "HTTP/1.x SSS text"; HTTP/1.0 servers close unless they say otherwise.
func parseStatusLine(line []byte) (status int, close bool, err error) {
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' {
		return 0, false, fmt.Errorf("%w: status line %.60q", errMalformed, line)
	}
	status, err = strconv.Atoi(string(line[9:12]))
	if err != nil || status < 100 {
		return 0, false, fmt.Errorf("%w: status line %.60q", errMalformed, line)
	}
	return status, line[7] == '0', nil
}

// header notes the headers that frame the body and the SQS error code.
func (a *Answer) header(line []byte) error {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return fmt.Errorf("%w: header %.60q", errMalformed, line)
	}
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil || n < 0 || n > maxAnswer {
			return fmt.Errorf("%w: Content-Length %.60q", errMalformed, value)
		}
		a.length = n
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		if !bytes.EqualFold(value, []byte("chunked")) {
			return fmt.Errorf("%w: Transfer-Encoding %.60q", errMalformed, value)
		}
		a.chunked = true
	case bytes.EqualFold(name, []byte("Connection")):
		a.close = bytes.EqualFold(value, []byte("close"))
	case bytes.EqualFold(name, []byte("x-amzn-query-error")):
		code, _, _ := bytes.Cut(value, []byte(";"))
		a.ErrorCode = string(code)
	}
	return nil
}

func readBody(r *bufio.Reader, a *Answer, body []byte) ([]byte, error) {
	switch {
	case a.Status == 204 || a.Status == 304:
		return body, nil
	case a.chunked:
		return readChunks(r, body)
	case a.length >= 0:
		return readExactly(r, body, int(a.length))
	}
	a.close = true
	for {
		if len(body) > maxAnswer {
			return body, fmt.Errorf("%w: body beyond %d bytes", errMalformed, maxAnswer)
		}
		piece := min(r.Size(), maxAnswer+1)
		body = append(body, make([]byte, piece)...)
		n, err := io.ReadFull(r, body[len(body)-piece:])
		body = body[:len(body)-piece+n]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return body, nil
		}
		if err != nil {
			return body, err
		}
	}
}

func readChunks(r *bufio.Reader, body []byte) ([]byte, error) {
	for {
		line, err := readLine(r)
		if err != nil {
			return body, err
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 31)
		if err != nil || len(body)+int(n) > maxAnswer {
			return body, fmt.Errorf("%w: chunk size %.60q", errMalformed, line)
		}
		if n == 0 {
			return body, skipTrailers(r)
		}
		if body, err = readExactly(r, body, int(n)); err != nil {
			return body, err
		}
		if line, err = readLine(r); err != nil {
			return body, err
		} else if len(line) != 0 {
			return body, fmt.Errorf("%w: chunk not ended by a line break", errMalformed)
		}
	}
}

func skipTrailers(r *bufio.Reader) error {
	for {
		line, err := readLine(r)
		if err != nil || len(line) == 0 {
			return err
		}
	}
}

func readExactly(r *bufio.Reader, body []byte, n int) ([]byte, error) {
	at := len(body)
	if cap(body)-at < n {
		body = append(make([]byte, 0, at+n), body...)
	}
	body = body[:at+n]
	_, err := io.ReadFull(r, body[at:])
	return body, err
}

// readLine returns a line without its line break; it is valid until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return nil, fmt.Errorf("%w: line beyond %d bytes", errMalformed, r.Size())
	}
	if err == io.EOF && len(line) > 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}
