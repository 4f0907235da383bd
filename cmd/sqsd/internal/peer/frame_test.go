package peer

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"sqsd/node"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

func TestWireFormatIsFixed(t *testing.T) {
	for name, got := range map[string][]byte{
		"hello.hex": hello{ClusterID{1, 2, 3}, 1, 2, node.Greeting{
			Self: node.Life{Data: node.DataID{4, 5}, Number: 7, Boot: 8}, New: true, Peer: node.Life{Data: node.DataID{6}, Number: 9, Boot: 10},
		}}.encode(),
		"frame.hex": appendFrame(nil, Frame{7, []byte("a frame's body")}),
		"empty.hex": appendFrame(nil, Frame{}),
	} {
		file := filepath.Join("testdata", name)
		if *rewrite {
			if err := os.WriteFile(file, []byte(hex.Dump(got)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if hex.Dump(got) != string(want) {
			t.Errorf("%s: the format has changed; raise the version.\ngot:\n%swant:\n%s", name, hex.Dump(got), want)
		}
	}
}

func TestFramesComeOutAsTheyWentIn(t *testing.T) {
	bodies := [][]byte{nil, []byte("x"), bytes.Repeat([]byte("long"), 1<<20), []byte("after")}
	var stream []byte
	for i, body := range bodies {
		stream = appendFrame(stream, Frame{node.GroupID(i), body})
	}
	r := bufio.NewReader(bytes.NewReader(stream))
	for i, want := range bodies {
		f, err := readFrame(r)
		if err != nil || f.Group != node.GroupID(i) || !bytes.Equal(f.Body, want) {
			t.Fatalf("frame %d came out as group %d, %d bytes, %v", i, f.Group, len(f.Body), err)
		}
	}
	if _, err := readFrame(r); err != io.EOF {
		t.Errorf("at the end: %v, want EOF", err)
	}
}

func TestDamagedFramesAreRefused(t *testing.T) {
	good := appendFrame(nil, Frame{3, []byte("body")})
	for _, c := range []struct {
		name   string
		change func([]byte) []byte
		want   error
	}{
		{"body", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, ErrBadFrame},
		{"group", func(b []byte) []byte { b[8] ^= 1; return b }, ErrBadFrame},
		{"checksum", func(b []byte) []byte { b[4] ^= 1; return b }, ErrBadFrame},
		{"length over the limit", func(b []byte) []byte { b[3] = 0xff; return b }, ErrBadFrame},
		{"cut in the header", func(b []byte) []byte { return b[:5] }, io.ErrUnexpectedEOF},
		{"cut in the body", func(b []byte) []byte { return b[:len(b)-1] }, io.ErrUnexpectedEOF},
		{"cut before the body", func(b []byte) []byte { return b[:frameHeader] }, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.change(bytes.Clone(good))
			if _, err := readFrame(bufio.NewReader(bytes.NewReader(b))); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(appendFrame(nil, Frame{1, []byte("body")}))
	f.Add([]byte{0xff, 0xff, 0xff, 0x00, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bufio.NewReader(bytes.NewReader(in))
		var again []byte
		for {
			whole := buffered(r)
			f, err := readFrame(r)
			if err != nil {
				if whole && !errors.Is(err, ErrBadFrame) {
					t.Errorf("a frame that is there could not be read: %v", err)
				}
				break
			}
			again = appendFrame(again, f)
		}
		if !bytes.HasPrefix(in, again) {
			t.Errorf("frames read from %x encode as %x", in, again)
		}
	})
}

func FuzzReadHello(f *testing.F) {
	f.Add(hello{cluster: ClusterID{9}, from: 1, to: 2}.encode())
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, err := readHello(bytes.NewReader(in))
		if err == nil && !bytes.HasPrefix(in, h.encode()) {
			t.Errorf("%x was read as %+v, which is %x", in, h, h.encode())
		}
	})
}

func TestAHelloThatDoesNotFitIsRefused(t *testing.T) {
	mine := ClusterID{1}
	for _, c := range []struct {
		name string
		h    hello
		ok   bool
	}{
		{"fits", hello{cluster: mine, from: 2, to: 1}, true},
		{"another cluster", hello{cluster: ClusterID{2}, from: 2, to: 1}, false},
		{"another node answers", hello{cluster: mine, from: 3, to: 1}, false},
		{"meant for another node", hello{cluster: mine, from: 2, to: 3}, false},
	} {
		if err := c.h.check(mine, 2, 1); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAFullOutboxDropsTheOldestFrames(t *testing.T) {
	o := newOutbox()
	const frames, size = 100, 1 << 20
	for i := range frames {
		body := make([]byte, size)
		body[0] = byte(i)
		o.put(Frame{Body: body})
	}
	kept := maxOutboxBytes / size
	if _, dropped := o.stats(); dropped != frames-uint64(kept) {
		t.Errorf("dropped %d frames, want %d", dropped, frames-kept)
	}
	taken := o.take(nil)
	if len(taken) != kept {
		t.Fatalf("%d frames are left, want %d", len(taken), kept)
	}
	for i, f := range taken {
		if want := byte(frames - kept + i); f.Body[0] != want {
			t.Fatalf("frame %d is number %d, want %d", i, f.Body[0], want)
		}
	}
	if bytes, _ := o.stats(); bytes != 0 || len(o.take(taken)) != 0 {
		t.Errorf("the outbox is not empty after take")
	}
}
