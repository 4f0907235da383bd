package queue

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"sqsd/wire"
)

// TestScripts runs testdata/script. Each line is a command in an entry of its own, and after each one the machine's
// memory is compared with its store. What a line printed stands under it; lines that printed nothing are left out.
//
//	limits [in-flight=N] [due=N] [deleted-window=MS] [purge-window=MS]
//	advance MS                  a tick so much later
//	create NAME [Attribute=V]...      set NAME Attribute=V...      attributes NAME [Attribute]...
//	delete-queue NAME     purge NAME     list [prefix=P] [max=N] [after=NAME]
//	send NAME body=TEXT [delay=S] [times=N] [size=N]        send-batch NAME TEXT|!ERROR...
//	receive NAME [max=N] [timeout=S] [wait=S] [quiet]       poll NAME [wait=S] (a read)
//	delete NAME HANDLE...   change NAME HANDLE... timeout=S   release NAME HANDLE...   and delete-batch, change-batch
//	(dlq=NAME:N is short for a RedrivePolicy)
//	tag NAME K=V...   untag NAME K...   tags NAME   permit NAME LABEL ACTION... account=ID   revoke NAME LABEL
//	sources NAME [max=N] [after=NAME]   the queues that have NAME as their dead-letter queue
//	In a FIFO queue a message's group is the first letter of its body, and its deduplication id is the body; a send may have
//	group=G and dedup=D of its own, dedup=- for none, and prints the sequence number if the word "shown" is in it. In a
//	standard queue group=G is the tenant; group=each makes one of every message.
//	receive has [attempt=ID]; words of a send-batch may be BODY:DEDUP.
//	counts NAME                 counters, and when something happens next
//	repeat VERB NAME times=N    a command without options many times; the last output counts
//	changed                     queues to wake receivers of
//	reopen                      restart from the store
//	keys                        how many keys the store has
//	cost                        store reads since the last cost
//	start NAME [to=NAME] [rate=N]   cancel NAME [id=ID]   tasks NAME [max=N]   move tasks; cancel means the last one
//	urgent                      when a move task goes on next
//	pack X from=GROUP [bytes=N]   accept X   settle X   the steps of a hand-over X, each of which may be repeated
//
// Together the scripts reach every mark. A HANDLE is BODY#N, the N-th receipt of the message with that body; NAME:HANDLE is one of another queue.
func TestScripts(t *testing.T) {
	marks := map[string]bool{}
	datadriven.Walk(t, "testdata/script", func(t *testing.T, path string) {
		s := newScript(t, marks)
		datadriven.RunTest(t, path, s.run)
	})
	for _, name := range Marks {
		if !marks[name] {
			t.Errorf("no script reaches %q", name)
		}
	}
}

// script is a machine with the names that a script uses.
type script struct {
	t       *testing.T
	store   *memoryStore // of the group in use
	machine *Machine
	sides
	limits  Limits
	clock   wire.Time
	entry   uint64
	handles map[string]string // by queue:body#receipt
	marks   map[string]bool   // reached
}

func newScript(t *testing.T, marks map[string]bool) *script {
	s := &script{t: t, limits: DefaultLimits(), handles: map[string]string{}, marks: marks}
	s.sides = sides{
		stores:   [2]*memoryStore{newMemoryStore(), newMemoryStore()},
		commands: map[string]*AcceptCommand{}, answers: map[string]*AcceptResponse{},
	}
	s.openAll()
	return s
}

// run executes the lines of a "do", and gives back those that had output. Two more directives are short for many:
// "backlog NAME N" sends a message every millisecond, "drain NAME N" receives and deletes one at a time, and
// "groups NAME N" sends so many messages to as many groups at once.
func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	s.t = t
	switch d.Cmd {
	case "backlog":
		return s.backlog(d)
	case "drain":
		return s.drain(d)
	case "groups":
		return s.sendGroups(d)
	}
	var out strings.Builder
	for line := range strings.Lines(d.Input) {
		if text := s.line(strings.Fields(line)); text != "" {
			text = strings.TrimSuffix(text, "\n")
			out.WriteString(strings.TrimSpace(line) + "\n  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n")
		}
	}
	if out.Len() == 0 {
		return "ok\n"
	}
	return out.String()
}

func (s *script) backlog(d *datadriven.TestData) string {
	s.use(scriptGroup(d.CmdArgs[0].Key))
	for i := range wantNumber(s.t, d) {
		s.clock++
		req := &wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: d.CmdArgs[0].Key}}
		req.MessageBody = strconv.Itoa(i + 1)
		if wire.IsFIFO(req.Name) {
			req.MessageGroupID, req.MessageDeduplicationID = "backlog", "backlog "+req.MessageBody
		}
		s.apply(req)
	}
	return "ok\n"
}

func (s *script) drain(d *datadriven.TestData) string {
	s.use(scriptGroup(d.CmdArgs[0].Key))
	ref := wire.QueueRef{Name: d.CmdArgs[0].Key}
	last, n := 0, 0
	for range wantNumber(s.t, d) {
		answer := s.apply(&wire.ReceiveMessageRequest{QueueRef: ref}).Response.(*wire.ReceiveMessageResponse)
		if len(answer.Messages) == 0 {
			break
		}
		number, _ := strconv.Atoi(answer.Messages[0].Body)
		if number <= last {
			return fmt.Sprintf("%d received after %d\n", number, last)
		}
		s.apply(&wire.DeleteMessageRequest{QueueRef: ref, ReceiptHandle: answer.Messages[0].ReceiptHandle})
		last = number
		n++
	}
	return fmt.Sprintf("%d messages, the last one is %d\n", n, last)
}

func wantNumber(t *testing.T, d *datadriven.TestData) int {
	n, err := strconv.Atoi(d.CmdArgs[1].Key)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *script) line(words []string) string {
	verb, args := words[0], parseArgs(words[1:])
	if out, ok := s.handOver(verb, args); ok {
		return out
	}
	s.use(scriptGroup(args.name(0)))
	if out, ok := s.task(verb, args); ok {
		return out
	}
	switch verb {
	case "limits":
		s.limits.MaxInFlight = args.number("in-flight", s.limits.MaxInFlight)
		s.limits.DueBatch = args.number("due", s.limits.DueBatch)
		s.limits.DeletedQueueWindow = int64(args.number("deleted-window", int(s.limits.DeletedQueueWindow)))
		s.limits.PurgeWindow = int64(args.number("purge-window", int(s.limits.PurgeWindow)))
		return ""
	case "advance":
		ms, _ := strconv.Atoi(args.name(0))
		s.clock += wire.Time(ms)
		return s.advance()
	case "repeat":
		out := ""
		for range args.number("times", 1) {
			out = s.line(args.words)
		}
		return out
	case "reopen":
		s.openAll()
		return ""
	case "changed":
		return s.changed()
	case "cost":
		gets, scans := s.store.gets, s.store.scans
		s.store.gets, s.store.scans = 0, 0
		return fmt.Sprintf("%d gets, %d scans\n", gets, scans)
	case "keys":
		return fmt.Sprintf("%d\n", s.store.values.Len())
	case "counts":
		return s.counts(args.name(0))
	case "send":
		return s.send(args)
	case "poll":
		return s.describe(args, s.machine.Read(args.receive()))
	}
	req := s.request(verb, args)
	if req == nil {
		s.t.Fatalf("no command %q", verb)
	}
	switch req.(type) {
	case *wire.ListQueuesRequest, *wire.GetQueueAttributesRequest, *wire.GetQueueURLRequest:
		return s.describe(args, s.machine.Read(req))
	}
	return s.describe(args, s.apply(req))
}

func (s *script) check() {
	gets, scans := s.store.gets, s.store.scans
	if err := s.machine.Check(); err != nil {
		s.t.Fatal(err)
	}
	s.store.gets, s.store.scans = gets, scans
}

func (s *script) request(verb string, args scriptArgs) wire.Request {
	ref := wire.QueueRef{Name: args.name(0)}
	timeout := wire.Int(int32(args.number("timeout", 0)))
	switch verb {
	case "create":
		return &wire.CreateQueueRequest{QueueName: ref.Name, Attributes: args.pairs()}
	case "set":
		return &wire.SetQueueAttributesRequest{QueueRef: ref, Attributes: args.pairs()}
	case "attributes":
		return &wire.GetQueueAttributesRequest{QueueRef: ref}
	case "find":
		return &wire.GetQueueURLRequest{QueueName: ref.Name}
	case "delete-queue":
		return &wire.DeleteQueueRequest{QueueRef: ref}
	case "purge":
		return &wire.PurgeQueueRequest{QueueRef: ref}
	case "list":
		return &wire.ListQueuesRequest{
			QueueNamePrefix: args.text("prefix"), MaxResults: args.optional("max"), After: args.text("after"),
		}
	case "tag":
		return &wire.TagQueueRequest{QueueRef: ref, Tags: args.pairs()}
	case "untag":
		return &wire.UntagQueueRequest{QueueRef: ref, TagKeys: args.words[1:]}
	case "tags":
		return &wire.ListQueueTagsRequest{QueueRef: ref}
	case "permit":
		return &wire.AddPermissionRequest{
			QueueRef: ref, Label: args.name(1), AWSAccountIDs: wire.Names{args.text("account")}, Actions: args.words[2:],
		}
	case "revoke":
		return &wire.RemovePermissionRequest{QueueRef: ref, Label: args.name(1)}
	case "sources":
		return &wire.ListDeadLetterSourceQueuesRequest{
			QueueRef: ref, MaxResults: args.optional("max"), After: args.text("after"),
		}
	case "send-batch":
		return &wire.SendMessageBatchRequest{QueueRef: ref, Entries: sendEntries(ref.Name, args.words[1:])}
	case "receive":
		return args.receive()
	case "delete":
		return &wire.DeleteMessageRequest{QueueRef: ref, ReceiptHandle: s.handle(ref.Name, args.name(1))}
	case "change":
		return &wire.ChangeMessageVisibilityRequest{
			QueueRef: ref, ReceiptHandle: s.handle(ref.Name, args.name(1)), VisibilityTimeout: timeout,
		}
	case "release":
		c := &ReleaseCommand{QueueName: ref.Name}
		for _, word := range args.words[1:] {
			c.Handles = append(c.Handles, s.handle(ref.Name, word))
		}
		return c
	case "delete-batch":
		c := &wire.DeleteMessageBatchRequest{QueueRef: ref}
		for _, word := range args.words[1:] {
			e := wire.DeleteMessageBatchEntry{ID: word, ReceiptHandle: s.handle(ref.Name, word), Err: refusal(word)}
			c.Entries = append(c.Entries, e)
		}
		return c
	case "change-batch":
		c := &wire.ChangeMessageVisibilityBatchRequest{QueueRef: ref}
		for _, word := range args.words[1:] {
			c.Entries = append(c.Entries, wire.ChangeMessageVisibilityBatchEntry{
				ID: word, ReceiptHandle: s.handle(ref.Name, word), VisibilityTimeout: timeout, Err: refusal(word),
			})
		}
		return c
	}
	return nil
}

// handle finds a receipt handle by the name that the script gives it; other words stand for themselves.
func (s *script) handle(queue, word string) string {
	if !strings.Contains(word, ":") {
		word = queue + ":" + word
	}
	if h, ok := s.handles[word]; ok {
		return h
	}
	return word
}

func sendEntries(queue string, words []string) (entries []wire.SendMessageBatchEntry) {
	for _, word := range words {
		e := wire.SendMessageBatchEntry{ID: word, Err: refusal(word)}
		e.MessageBody = word
		if n, ok := strings.CutPrefix(word, "size-"); ok {
			size, _ := strconv.Atoi(n)
			e.MessageBody = strings.Repeat("x", size)
		}
		intoGroup(queue, &e.Outgoing, scriptArgs{})
		entries = append(entries, e)
	}
	return entries
}

// refusal is the error of an entry whose word starts with an exclamation mark.
func refusal(word string) *wire.Error {
	if !strings.HasPrefix(word, "!") {
		return nil
	}
	return wire.Errorf(wire.InvalidMessageContents, "refused by validation")
}

// send sends a message, or several in as many commands of one entry; these are named BODY-1, BODY-2 and so on.
func (s *script) send(args scriptArgs) string {
	times := args.number("times", 1)
	stamp := Stamp{Time: s.clock, Limits: s.limits}
	s.entry++
	binary.BigEndian.PutUint64(stamp.Seed[:], s.entry)
	s.machine.Begin(stamp)
	out := ""
	for i := range times {
		req := &wire.SendMessageRequest{QueueRef: wire.QueueRef{Name: args.name(0)}}
		req.MessageBody, req.DelaySeconds = args.text("body"), args.optional("delay")
		if times > 1 {
			req.MessageBody += "-" + strconv.Itoa(i+1)
		}
		if size := args.number("size", 0); size > 0 {
			req.MessageBody = strings.Repeat("x", size)
		}
		intoGroup(req.Name, &req.Outgoing, args)
		r := s.machine.Apply(req, true)
		if r.Err != nil {
			out += describeError(r.Err)
		} else {
			out += s.describeSent(args, r.Response.(*wire.SendMessageResponse))
		}
	}
	s.machine.Flush()
	s.check()
	return out
}

func (s *script) changed() string {
	var names []string
	for _, m := range s.machines {
		m.Changed(func(id ID) {
			name := fmt.Sprintf("deleted queue %d", id)
			if q := m.queues[id]; q != nil {
				name = q.name
			}
			names = append(names, name)
		})
	}
	if names == nil {
		return "none\n"
	}
	return strings.Join(names, "\n") + "\n"
}

func (s *script) counts(name string) string {
	id, ok := s.machine.Lookup(name)
	if !ok {
		return "no such queue\n"
	}
	q := s.machine.queues[id]
	out := fmt.Sprintf("visible %d, in flight %d, delayed %d", q.stored(), q.inFlight.len(), q.delayed())
	if q.visible(s.machine.limits.MaxInFlight) != q.stored() {
		out += fmt.Sprintf("; %d can be received", s.machine.Visible(id))
	}
	if at, ok := s.machine.NextVisible(id); ok {
		out += fmt.Sprintf("; next visible in %d", at-s.machine.Now())
	}
	if at, ok := s.machine.NextDue(); ok {
		out += fmt.Sprintf("; next due in %d", at-s.machine.Now())
	}
	return out + "\n"
}

func describeError(err *wire.Error) string { return err.Code.Query() + "\n" }

func (s *script) describe(args scriptArgs, r Result) string {
	if r.Err != nil {
		return describeError(r.Err)
	}
	var out strings.Builder
	switch v := r.Response.(type) {
	case *wire.ReceiveMessageResponse:
		s.describeMessages(&out, args, v.Messages)
	case *wire.GetQueueAttributesResponse:
		for _, p := range v.Attributes {
			if len(args.words) == 1 || slices.Contains(args.words, p.Name) {
				fmt.Fprintf(&out, "%s %s\n", p.Name, p.Value)
			}
		}
	case *wire.ListQueueTagsResponse:
		for _, p := range v.Tags {
			fmt.Fprintf(&out, "%s=%s\n", p.Name, p.Value)
		}
	case *wire.ListDeadLetterSourceQueuesResponse:
		fmt.Fprintf(&out, "%s; next %q\n", strings.Join(v.QueueURLs, " "), v.NextToken)
	case *wire.ListQueuesResponse:
		fmt.Fprintf(&out, "%s; next %q\n", strings.Join(v.QueueURLs, " "), v.NextToken)
	case *wire.SendMessageBatchResponse:
		for _, e := range v.Successful {
			fmt.Fprintf(&out, "%s\n", strings.TrimSpace(e.ID+" sent "+e.SequenceNumber))
		}
		describeFailed(&out, v.Failed)
	case *wire.BatchResponse:
		for _, e := range v.Successful {
			fmt.Fprintf(&out, "%s done\n", e.ID)
		}
		describeFailed(&out, v.Failed)
	}
	return out.String()
}

func describeFailed(out *strings.Builder, failed []wire.BatchResultError) {
	for _, e := range failed {
		fmt.Fprintf(out, "%s failed: %s, sender's fault %t\n", e.ID, e.Code, e.SenderFault)
	}
}

func (s *script) describeMessages(out *strings.Builder, args scriptArgs, messages []wire.Message) {
	if len(messages) == 0 {
		out.WriteString("nothing\n")
	}
	for i := range messages {
		v := &messages[i]
		count, _ := v.Attributes.Get("ApproximateReceiveCount")
		sent, _ := v.Attributes.Get("SentTimestamp")
		first, _ := v.Attributes.Get("ApproximateFirstReceiveTimestamp")
		name := v.Body + "#" + count
		s.handles[args.name(0)+":"+name] = v.ReceiptHandle
		if !slices.Contains(args.words, "quiet") {
			fmt.Fprintf(out, "%s sent %s, first received %s", name, sent, first)
			if source, ok := v.Attributes.Get("DeadLetterQueueSourceArn"); ok {
				fmt.Fprintf(out, ", from %s", source[strings.LastIndexByte(source, ':')+1:])
			}
			if slices.Contains(args.words, "shown") {
				describeGroup(out, v)
			}
			out.WriteByte('\n')
		} else if i == 0 || i == len(messages)-1 {
			fmt.Fprintf(out, "%s\n", name)
		}
	}
}

// scriptArgs are the words of a command: key=value pairs and others.
type scriptArgs struct {
	words  []string
	values wire.Pairs // in the order given
}

func parseArgs(words []string) (a scriptArgs) {
	for _, w := range words {
		if key, value, ok := strings.Cut(w, "="); ok {
			a.values = append(a.values, wire.Pair{Name: key, Value: value})
		} else {
			a.words = append(a.words, w)
		}
	}
	return a
}

func (a scriptArgs) name(i int) string {
	if i >= len(a.words) {
		return ""
	}
	return a.words[i]
}

func (a scriptArgs) text(key string) string {
	for _, p := range a.values {
		if p.Name == key {
			return p.Value
		}
	}
	return ""
}

func (a scriptArgs) optional(key string) wire.OptInt {
	v, err := strconv.Atoi(a.text(key))
	if err != nil {
		return wire.OptInt{}
	}
	return wire.Int(int32(v))
}

func (a scriptArgs) number(key string, def int) int { return int(a.optional(key).Or(int32(def))) }

func (a scriptArgs) pairs() wire.Pairs {
	pairs := slices.Clone(a.values)
	for i := range pairs {
		if target, count, ok := strings.Cut(pairs[i].Value, ":"); pairs[i].Name == "dlq" && ok {
			policy := wire.RedrivePolicy{TargetARN: wire.QueueARN("local", wire.DefaultAccount, target)}
			policy.MaxReceiveCount, _ = strconv.Atoi(count)
			pairs[i] = wire.Pair{Name: wire.AttrRedrivePolicy, Value: policy.String()}
		}
	}
	slices.SortFunc(pairs, func(x, y wire.Pair) int { return strings.Compare(x.Name, y.Name) })
	return pairs
}

func (a scriptArgs) receive() *wire.ReceiveMessageRequest {
	return &wire.ReceiveMessageRequest{
		QueueRef: wire.QueueRef{Name: a.name(0)}, MaxNumberOfMessages: a.optional("max"),
		VisibilityTimeout: a.optional("timeout"), WaitTimeSeconds: a.optional("wait"),
		ReceiveRequestAttemptID: a.text("attempt"),
	}
}
