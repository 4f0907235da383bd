// Package credentials keeps the key pairs that may sign requests. They come from a file in the form of AWS's shared
// credentials, which is read again when it changes.
package credentials
