//go:build !linux

package null

import "os"

type osFile struct{ *os.File }

func (f osFile) datasync() error { return f.Sync() }
