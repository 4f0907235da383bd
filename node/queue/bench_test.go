package queue

import (
	"strings"
	"testing"

	"sqsd/node/disk"
	"sqsd/wire"
)

// nullStore takes writes and forgets them, so that benchmarks show the machine's own cost.
type nullStore struct{ record []byte }

func (nullStore) Set(_, _ []byte)                                        {}
func (nullStore) Delete([]byte)                                          {}
func (nullStore) SingleDelete([]byte)                                    {}
func (nullStore) DeleteRange(_, _ []byte)                                {}
func (nullStore) Scan(_, _ []byte, _ func(key, value []byte) bool) error { return nil }

func (s *nullStore) Get([]byte) ([]byte, error) {
	if s.record == nil {
		return nil, disk.ErrNotFound
	}
	return append([]byte(nil), s.record...), nil
}

// benchMachine has a queue, and a store in which every message is a record of 1 KiB.
func benchMachine(b *testing.B, body string) *Machine {
	record := messageRecord{sent: 1, due: 1, bodyMD5: strings.Repeat("0", 32), body: body}
	store := &nullStore{}
	m, err := Open(store, Config{})
	if err != nil {
		b.Fatal(err)
	}
	store.record = record.append(nil)
	limits := DefaultLimits()
	limits.MaxInFlight = 1 << 30
	m.Begin(Stamp{Time: 1, Limits: limits})
	m.Apply(&wire.CreateQueueRequest{QueueName: "a"}, false)
	b.ReportAllocs()
	return m
}

// measure runs commands in entries of 64.
func measure(b *testing.B, m *Machine, command func()) {
	limits := m.limits
	b.ResetTimer()
	for i := range b.N {
		if i%64 == 0 {
			m.Flush()
			m.Begin(Stamp{Time: m.Now(), Limits: limits})
		}
		command()
	}
	m.Flush()
	if m.Err() != nil {
		b.Fatal(m.Err())
	}
}

// BenchmarkApply measures commands with 1 KiB bodies, apart from the store.
func BenchmarkApply(b *testing.B) {
	ref := wire.QueueRef{Name: "a"}
	send := &wire.SendMessageRequest{QueueRef: ref}
	send.MessageBody = strings.Repeat("x", 1024)
	encoded := AppendCommand(nil, send)

	b.Run("decode-send", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, err := DecodeCommand(encoded); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("send", func(b *testing.B) {
		m := benchMachine(b, send.MessageBody)
		measure(b, m, func() { m.Apply(send, true) })
	})
	receive := &wire.ReceiveMessageRequest{QueueRef: ref}
	for _, want := range []bool{true, false} {
		name := map[bool]string{true: "receive", false: "receive-unwanted"}[want]
		b.Run(name, func(b *testing.B) {
			m := benchMachine(b, send.MessageBody)
			for range b.N {
				m.Apply(send, false)
			}
			measure(b, m, func() { m.Apply(receive, want) })
		})
	}
	b.Run("delete", func(b *testing.B) {
		m := benchMachine(b, send.MessageBody)
		handles := make([]string, b.N)
		for i := range handles {
			m.Apply(send, false)
			answer := m.Apply(receive, true).Response.(*wire.ReceiveMessageResponse)
			handles[i] = answer.Messages[0].ReceiptHandle
		}
		req := &wire.DeleteMessageRequest{QueueRef: ref}
		measure(b, m, func() {
			req.ReceiptHandle, handles = handles[0], handles[1:]
			m.Apply(req, true)
		})
	})
}
