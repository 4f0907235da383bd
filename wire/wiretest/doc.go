// Package wiretest has what tests of the SQS API share: a valid call of every action, and any call in both protocols.
// It knows nothing of package wire, whose own tests use it.
package wiretest
