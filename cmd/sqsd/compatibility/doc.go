// Package compatibility writes docs/compatibility.md: what sqsd does of the SQS API, and the test that shows it.
//
// The document names tests as go test prints them. Its own test runs those tests, lets only such names into the document
// that ran and passed, and fails if the document in docs is another one; with -rewrite it writes it. Which errors an
// action can answer is not repeated here: the names of the tests say it, by protocol, action and code.
package compatibility
