package null

import (
	"os"
	"syscall"
)

type osFile struct{ *os.File }

func (f osFile) datasync() error { return syscall.Fdatasync(int(f.Fd())) }
