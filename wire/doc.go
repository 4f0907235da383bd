// Package wire is the Amazon SQS API as bytes and types: requests, results, errors, the codecs between them and HTTP,
// and every rule that can be decided by looking at one request alone.
//
// A request's way in: [Handler] picks the action, reads a bounded body, decodes it into a request type, resolves the
// queue URL to a queue name, validates, and hands the request to a [Backend]. A request that reaches the
// backend is well formed and inside every limit that does not depend on the queue. Rules that do depend on the queue
// (its MaximumMessageSize, whether it is FIFO) are the backend's.
//
// The way out is the same in reverse: the backend speaks queue names and always returns whole messages and whole
// attribute sets; the handler turns names into URLs as the caller sees the server, and keeps what the caller asked for.
//
// Errors are values: an [Error] is a [Code] and a text, and one table maps codes to shapes, query codes and statuses.
//
// The package is the ground floor: it imports nothing of sqsd, starts no goroutine and keeps no state. The action and
// error tables, limits and digests follow the SQS API reference, version 2012-11-05.
package wire
