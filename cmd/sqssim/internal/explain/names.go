package explain

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sqsd/sim"
	"sqsd/wire"
)

// since is an instant of virtual time in words.
func since(at time.Duration) string { return fmt.Sprintf("%.3f s", at.Seconds()) }

// replicated is an instant of replicated time as time since the start of the run. Replicated time follows the clocks of
// leaders, which may be wrong by a little.
func replicated(at wire.Time) time.Duration { return time.Duration(at-sim.Epoch) * time.Millisecond }

// short is a message id as it is written on the page.
func short(id string) string {
	if first, _, cut := strings.Cut(id, "-"); cut {
		return first
	}
	return id
}

func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// delivery is one delivery of the message that the page is about.
type delivery struct {
	number int
	client string
}

// words turns the texts of violations, which are exact, into texts to read.
type words struct {
	deliveries map[string]delivery // by receipt handle
}

var (
	trueTimes      = regexp.MustCompile(`\b(\d+) to (\d+) ns\b`)
	trueTime       = regexp.MustCompile(`\b(\d+) ns\b`)
	replicatedTime = regexp.MustCompile(`\b1767\d{9}\b`)
	attemptID      = regexp.MustCompile(` attempt operation-\d+`)
	whereabouts    = regexp.MustCompile(` \((group|read in group) [^()]*\)$`)
	longHandle     = regexp.MustCompile(`\bA[\w-]{40,}`)
	longID         = regexp.MustCompile(`\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
)

// plain writes times as seconds of the run, ids short, and handles as what they stand for. Where it was is a fact of
// its own on the page.
func (w *words) plain(text string) string {
	text = whereabouts.ReplaceAllString(text, "")
	text = attemptID.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "AWS.SimpleQueueService.", "")
	text = trueTimes.ReplaceAllString(text, "$1 ns to $2 ns")
	text = trueTime.ReplaceAllStringFunc(text, func(s string) string {
		ns, err := strconv.ParseInt(strings.TrimSuffix(s, " ns"), 10, 64)
		if err != nil {
			return s
		}
		return since(time.Duration(ns))
	})
	text = replicatedTime.ReplaceAllStringFunc(text, func(s string) string {
		ms, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return s
		}
		return since(replicated(wire.Time(ms)))
	})
	text = longHandle.ReplaceAllStringFunc(text, w.handle)
	return longID.ReplaceAllString(text, "$1")
}

// handle is what a receipt handle stands for.
func (w *words) handle(handle string) string {
	if d, known := w.deliveries[handle]; known {
		return fmt.Sprintf("‹handle of delivery %d›", d.number)
	}
	return "‹handle …" + handle[max(0, len(handle)-6):] + "›"
}
