package queue

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"sqsd/wire"
)

// sides is the machines of a script: that of group 1 has the queues whose names start with "far", that of group 0 the
// others.
type sides struct {
	stores   [2]*memoryStore
	machines [2]*Machine
	// commands and answers are the hand-overs on their way, by the names that the script gives them.
	commands map[string]*AcceptCommand
	answers  map[string]*AcceptResponse
}

func scriptGroup(queueName string) uint32 {
	if strings.HasPrefix(queueName, "far") {
		return 1
	}
	return 0
}

// use makes the machine of a group the one that s.machine is.
func (s *script) use(group uint32) { s.store, s.machine = s.stores[group], s.machines[group] }

// openAll restarts both machines from their stores.
func (s *script) openAll() {
	for i := range s.machines {
		m, err := Open(s.stores[i], Config{
			Account: "000000000000", Region: "local", Group: uint32(i), GroupOf: scriptGroup,
			Mark: func(name string) { s.marks[name] = true },
		})
		if err != nil {
			s.t.Fatal(err)
		}
		s.machines[i] = m
		s.use(uint32(i))
		s.check()
	}
	s.use(0)
}

// advance brings both machines to the time of the clock, and says if the first is not there.
func (s *script) advance() string {
	for _, group := range []uint32{1, 0} {
		s.use(group)
		s.apply(&TickCommand{})
	}
	if s.machine.Now() != s.clock {
		return fmt.Sprintf("now %d of %d\n", s.machine.Now(), s.clock)
	}
	return ""
}

// handOver carries out a step of a hand-over; ok is false if the verb is not one.
func (s *script) handOver(verb string, args scriptArgs) (out string, ok bool) {
	name := args.name(0)
	switch verb {
	case "pack":
		s.use(uint32(args.number("from", 0)))
		return s.pack(name, args), true
	case "accept":
		cmd := s.commands[name]
		if cmd == nil {
			return "nothing was packed\n", true
		}
		s.use(cmd.To)
		s.answers[name] = s.apply(cmd).Response.(*AcceptResponse)
		out := fmt.Sprint(s.answers[name].Outcomes)
		if slices.Contains(args.words, "quiet") {
			out = fmt.Sprint(len(s.answers[name].Outcomes))
		}
		return fmt.Sprintf("outcomes from %d on: %s\n", s.answers[name].First, out), true
	case "settle":
		cmd := s.commands[name]
		if cmd == nil {
			return "", true
		}
		answer := s.answers[name]
		s.use(cmd.From)
		s.apply(&SettleCommand{To: cmd.To, First: answer.First, Outcomes: answer.Outcomes})
		return "", true
	}
	return "", false
}

// pack makes the command that hands over what is in the outbox to the other group.
func (s *script) pack(name string, args scriptArgs) string {
	to := 1 - s.machine.config.Group
	cmd := s.machine.Handover(to, args.number("bytes", 1<<20))
	if (cmd != nil) != (len(s.machine.Handovers()) > 0) {
		return fmt.Sprintf("hand-overs to %v\n", s.machine.Handovers())
	}
	delete(s.answers, name)
	delete(s.commands, name)
	if cmd == nil {
		return "nothing\n"
	}
	s.commands[name] = cmd
	out := ""
	for i, m := range cmd.Moves {
		if slices.Contains(args.words, "quiet") && i > 0 && i < len(cmd.Moves)-1 {
			continue
		}
		out += fmt.Sprintf("%d: %s from %s to %s\n", cmd.First+uint64(i), m.record.body, m.Source, m.Target)
	}
	return out
}

// apply makes a round of one entry of one command, which has been encoded and decoded like its result.
func (s *script) apply(req wire.Request) Result {
	decoded, err := DecodeCommand(AppendCommand(nil, req))
	if err != nil {
		s.t.Fatal(err)
	}
	stamp := Stamp{Time: s.clock, Limits: s.limits}
	s.entry++
	binary.BigEndian.PutUint64(stamp.Seed[:], s.entry)
	s.machine.Begin(stamp)
	result := s.machine.Apply(decoded, true)
	s.machine.Flush()
	s.check()
	result, err = DecodeResult(AppendResult(nil, result))
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}
