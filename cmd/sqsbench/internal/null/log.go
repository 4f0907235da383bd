package null

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// file is what a Log needs of an *os.File.
type file interface {
	io.WriteCloser
	// datasync returns once everything written is on stable storage.
	datasync() error
}

// Log appends records to one growing file and syncs them by group commit: while one sync runs, records gather for the
// next. Its methods may be called from many goroutines.
type Log struct {
	file file
	done chan struct{} // closed when the writer has stopped

	mu      sync.Mutex
	work    sync.Cond // the writer waits here
	pending []byte
	commit  *commit // of the records in pending
	closed  bool
}

// commit is the fate of the records that share one sync.
type commit struct {
	done chan struct{}
	err  error // valid once done is closed
}

// change is what a record says happened to messages.
type change byte

const (
	sent    change = 1
	deleted change = 2
	hidden  change = 3 // received, or its visibility was changed
	purged  change = 4 // all messages of a queue are gone
)

var errLogClosed = errors.New("the log is closed")

// OpenLog creates the file, or empties it, and starts the writer. The file grows with each write (nothing is
// preallocated) and is synced with fdatasync where the system has it.
func OpenLog(path string) (*Log, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return newLog(osFile{f}), nil
}

func newLog(f file) *Log {
	l := &Log{file: f, done: make(chan struct{}), commit: newCommit()}
	l.work.L = &l.mu
	go l.write()
	return l
}

// Close waits for records already appended and closes the file.
func (l *Log) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.work.Signal()
	<-l.done
	return l.file.Close()
}

// append adds a record and returns the commit that will make it durable.
func (l *Log) append(c change, queue string, message uint64, body string) *commit {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = appendRecord(l.pending, c, queue, message, body)
	l.work.Signal()
	return l.commit
}

// wait returns once the commit's records are on stable storage.
func (c *commit) wait() error {
	<-c.done
	return c.err
}

// write is the writer: it takes all that is pending, writes it, syncs it and tells those who wait.
func (l *Log) write() {
	defer close(l.done)
	var spare []byte
	var broken error
	for {
		l.mu.Lock()
		for len(l.pending) == 0 && !l.closed {
			l.work.Wait()
		}
		batch, commit, closed := l.pending, l.commit, l.closed
		l.pending, l.commit = spare[:0], newCommit()
		if closed {
			l.commit.err = errLogClosed
			close(l.commit.done)
		}
		l.mu.Unlock()

		if broken == nil && len(batch) > 0 {
			broken = l.put(batch)
		}
		commit.err = broken
		close(commit.done)
		if closed {
			return
		}
		spare = batch
	}
}

func newCommit() *commit { return &commit{done: make(chan struct{})} }

func (l *Log) put(batch []byte) error {
	if _, err := l.file.Write(batch); err != nil {
		return err
	}
	return l.file.datasync()
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendRecord frames a change: u32 length and u32 CRC-32C of the rest; change, message number (varint), length of
// the queue's name (varint), name, body.
func appendRecord(b []byte, c change, queue string, message uint64, body string) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, byte(c))
	b = binary.AppendUvarint(b, message)
	b = binary.AppendUvarint(b, uint64(len(queue)))
	b = append(b, queue...)
	b = append(b, body...)
	content := b[at+8:]
	binary.LittleEndian.PutUint32(b[at:], uint32(len(content)))
	binary.LittleEndian.PutUint32(b[at+4:], crc32.Checksum(content, castagnoli))
	return b
}
