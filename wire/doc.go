// Package wire is the Amazon SQS API as bytes and types: requests, results, errors, the codecs between them and HTTP,
// signatures, and every rule that can be decided by looking at one request alone.
//
// A request's way in: [Handler] tells the protocol (AWS JSON 1.0 or AWS Query), reads a bounded body, lets the
// [Verifier] find out who sends it, decodes it into a request type, resolves the queue URL to a queue name, validates,
// and hands the request to a [Backend]. Both protocols meet at the request types: one validation is behind both. A
// request that reaches the backend is well formed and inside every limit that does not depend on the queue. Rules that
// do depend on the queue (its MaximumMessageSize, its ContentBasedDeduplication) are the backend's; where such a rule is
// a pure function of attribute values it is here, for the backend to call: [CheckAttributes], [MergeAttributes],
// [MergeTags], [AddStatement], [ParseRedrivePolicy], [DeduplicationID] and their kin.
//
// The way out is the same in reverse: the backend speaks queue names and always returns whole messages and whole
// attribute sets; the handler turns names into URLs as the caller sees the server, keeps what the caller asked for, and
// writes it in the caller's protocol.
//
// Errors are values: an [Error] is a [Code] and a text, and one table maps codes to shapes, query codes and statuses.
//
// The package is the ground floor: it imports nothing of sqsd and starts no goroutine. Its only state is what makes it
// faster: buffers, and the signing keys that a Verifier has derived. The action and error tables, limits and digests
// follow the SQS API reference, version 2012-11-05.
package wire
