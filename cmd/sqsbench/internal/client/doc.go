// Package client speaks the part of the SQS API that a load generator needs, over AWS JSON 1.0, as cheaply as it can:
// on a small machine the client shares the cores with the server it measures.
//
// A [Conn] is one keep-alive HTTP/1.1 connection used by one goroutine; requests are appended to a reused buffer and
// written with one call, answers are read into another. A [Client] is the SQS operations on a Conn.
package client
