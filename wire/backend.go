package wire

import "context"

// Backend executes requests that the front end has decoded and validated.
//
// Do returns exactly one of a response and an error. When ctx ends early the outcome may be unknown; the backend then
// returns [ServiceUnavailable]. Do may be called from many goroutines.
type Backend interface {
	Do(ctx context.Context, req Request) (Response, *Error)
}
