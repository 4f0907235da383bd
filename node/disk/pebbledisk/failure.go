package pebbledisk

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"sync"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/record"

	"sqsd/node/disk"
)

// failure keeps the error that stopped a store. It is also the store's Pebble logger, because Pebble reports what it
// cannot recover from by calling Fatalf, from the calling goroutine or from one of its own, and expects that not to
// return.
type failure struct {
	onFail func(error)
	logf   func(format string, args ...any)

	once sync.Once
	done chan struct{} // closed when err is set
	err  error
}

var _ pebble.Logger = (*failure)(nil)

func newFailure(o *Options) *failure {
	f := &failure{onFail: o.OnFail, logf: o.Logf, done: make(chan struct{})}
	if f.onFail == nil {
		f.onFail = func(error) {}
	}
	if f.logf == nil {
		f.logf = func(string, ...any) {}
	}
	return f
}

// set stops the store with the first error it is given and returns that one.
func (f *failure) set(err error) error {
	f.once.Do(func() {
		f.err = mapError(err)
		close(f.done)
		f.onFail(f.err)
	})
	return f.get()
}

// get returns the error that stopped the store, or nil.
func (f *failure) get() error {
	select {
	case <-f.done:
		return f.err
	default:
		return nil
	}
}

// guard runs op and turns the ways in which Pebble gives up on a calling goroutine into the store's error.
func guard(f *failure, op func() error) (err error) {
	if err := f.get(); err != nil {
		return err
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case fatal:
			err = f.get()
		case runtime.Error:
			panic(p)
		case error: // Pebble's commit panics with the error of the log writer
			err = f.set(p)
		case string:
			if p != damagedValueFile {
				panic(p)
			}
			err = f.set(fmt.Errorf("%w: the footer of a value file", disk.ErrCorrupt))
		default:
			panic(p)
		}
	}()
	if err := op(); err != nil {
		return err
	}
	return f.get() // which Pebble may not know of, see stopFS
}

// attempt guards op, in which Pebble may wait for ever for a goroutine of its own that has ended with a failure: then
// op is left where it is, with all that it holds.
func attempt(f *failure, op func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- guard(f, op) }()
	select {
	case err := <-ended:
		return err
	case <-f.done:
		return f.get()
	}
}

// damagedValueFile is what Pebble 2.1.7 panics with when it opens a value file whose footer is damaged.
const damagedValueFile = "unknown metadata type: <nil>"

var guardName = runtime.FuncForPC(reflect.ValueOf(guard).Pointer()).Name()

// fatal is what unwinds a calling goroutine up to its guard.
type fatal struct{}

// Fatalf stops the store.
func (f *failure) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, a := range args {
		if e, ok := a.(error); ok {
			err = e
		}
	}
	f.stop(err)
}

// stop stops the store and does not return: a calling goroutine unwinds to its guard; a goroutine of Pebble's own ends,
// which runs its deferred unlocks.
func (f *failure) stop(err error) {
	f.set(err)
	if underGuard() {
		panic(fatal{})
	}
	runtime.Goexit()
}

// end stops the store, and a goroutine of Pebble's own with it, which would try a failed compaction again for ever.
func (f *failure) end(err error) {
	f.set(err)
	if !underGuard() {
		runtime.Goexit()
	}
}

// halt stops the store, and keeps a goroutine of Pebble's own from seeing an error of a read, which some of them do not
// survive.
func (f *failure) halt(err error) {
	f.set(err)
	if !underGuard() {
		select {}
	}
}

func underGuard() bool {
	var pcs [256]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if frame.Function == guardName {
			return true
		}
		if !more {
			return false
		}
	}
}

// Infof drops Pebble's running commentary.
func (f *failure) Infof(string, ...any) {}

// Errorf passes Pebble's complaints on.
func (f *failure) Errorf(format string, args ...any) { f.logf(format, args...) }

func (f *failure) listener() *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: f.end,
		DataCorruption:  func(info pebble.DataCorruptionInfo) { f.halt(fmt.Errorf("%w: %s", disk.ErrCorrupt, info)) },
		WriteStallBegin: func(info pebble.WriteStallBeginInfo) { f.logf("writes wait: %s", info.Reason) },
		LowDiskSpace:    func(info pebble.LowDiskSpaceInfo) { f.logf("low disk space: %s", info) },
		DiskSlow:        func(info pebble.DiskSlowInfo) { f.logf("slow disk: %s", info) },
	}
}

// mapError gives err its kind of package disk.
func mapError(err error) error {
	if err == nil || isMapped(err) {
		return err
	}
	kind := disk.ErrIO
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return disk.ErrNotFound
	case pebble.IsCorruptionError(err), errors.Is(err, record.ErrInvalidChunk), errors.Is(err, record.ErrZeroedChunk),
		errors.Is(err, os.ErrNotExist): // a file that others refer to
		kind = disk.ErrCorrupt
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		kind = disk.ErrNoSpace
	}
	return fmt.Errorf("%w: %w", kind, err)
}

func isMapped(err error) bool {
	for _, kind := range []error{disk.ErrNotFound, disk.ErrCorrupt, disk.ErrNoSpace, disk.ErrIO} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
