package null

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"sqsd/wire"
)

// scriptedFile is a file whose syncs the test lets through one by one.
type scriptedFile struct {
	written bytes.Buffer
	writes  int
	release chan error // one value lets one sync return it
}

func (f *scriptedFile) Write(b []byte) (int, error) {
	f.writes++
	return f.written.Write(b)
}
func (f *scriptedFile) datasync() error { return <-f.release }
func (f *scriptedFile) Close() error    { return nil }

func TestChangesAreAnsweredOnlyAfterTheSync(t *testing.T) {
	for _, test := range []struct {
		name     string
		receives bool
		do       func(w world, handle string)
		synced   bool
	}{
		{"send", false, func(w world, _ string) { w.send("b") }, true},
		{"delete", false, func(w world, handle string) { w.delete(handle) }, true},
		{"receive, not logged", false, func(w world, _ string) { w.receive(0) }, false},
		{"receive, logged", true, func(w world, _ string) { w.receive(0) }, true},
		{"purge", false, func(w world, _ string) { w.do(&wire.PurgeQueueRequest{QueueRef: wire.QueueRef{Name: "q"}}) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{})
				w.send("a")
				w.send("still visible")
				held := w.do(&wire.ReceiveMessageRequest{QueueRef: wire.QueueRef{Name: "q"}}).(*wire.ReceiveMessageResponse).Messages[0]
				f := &scriptedFile{release: make(chan error)}
				log := newLog(f)
				w.backend.options = Options{Log: log, LogReceives: test.receives}
				answered := make(chan struct{})
				go func() {
					test.do(w, held.ReceiptHandle)
					close(answered)
				}()
				synctest.Wait()
				select {
				case <-answered:
					if test.synced {
						t.Error("answered before the sync")
					}
				default:
					if !test.synced {
						t.Error("waits for a sync that it does not need")
					}
				}
				if wrote := f.written.Len() > 0; wrote != test.synced {
					t.Errorf("record written: %v", wrote)
				}
				if test.synced {
					f.release <- nil
				}
				<-answered
				if err := log.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestUnsyncedMessageIsNotDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &scriptedFile{release: make(chan error)}
		log := newLog(f)
		w := newWorld(t, Options{Log: log})
		go w.send("a")
		synctest.Wait()
		w.expectBodies(w.receive(0))
		f.release <- nil
		synctest.Wait()
		w.expectBodies(w.receive(0), "a")
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRecordsGatherWhileASyncRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &scriptedFile{release: make(chan error)}
		log := newLog(f)
		w := newWorld(t, Options{Log: log})
		for range 20 {
			go w.send("a")
		}
		synctest.Wait()
		for range 2 { // the first sync has what the writer saw first, the second all the rest
			f.release <- nil
			synctest.Wait()
		}
		w.expectCounts(20, 0, 0)
		if f.writes > 2 {
			t.Errorf("%d writes", f.writes)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAFailedSyncFailsThisAndAllLaterChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &scriptedFile{release: make(chan error, 1)}
		f.release <- errors.New("disk on fire")
		log := newLog(f)
		w := newWorld(t, Options{Log: log})
		for range 2 {
			req := &wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: "q"}, Outgoing: wire.Outgoing{MessageBody: "a"}}
			_, err := w.backend.Do(t.Context(), req)
			if err == nil || err.Code != wire.ServiceUnavailable || !strings.Contains(err.Text, "disk on fire") {
				t.Errorf("got %v", err)
			}
		}
		w.expectBodies(w.receive(0))
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestClosedLogRefuses(t *testing.T) {
	log, err := OpenLog(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if err := log.append(sent, "q", 1, "a").wait(); !errors.Is(err, errLogClosed) {
		t.Errorf("got %v", err)
	}
}

func TestLogFileHoldsTheRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, Options{Log: log})
	w.send("body of the message")
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(got, []byte("body of the message")) {
		t.Errorf("after the answer the file has %q, %v", got, err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

func TestRecordFormat(t *testing.T) {
	record := appendRecord([]byte("before"), sent, "q", 300, "ab")
	const want = "6265666f7265" + "07000000" + "ab7754d5" + "01" + "ac02" + "01" + "71" + "6162"
	if got := hex.EncodeToString(record); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
