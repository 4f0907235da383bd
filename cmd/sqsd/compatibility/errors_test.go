package compatibility

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sqsd/wire"
	"sqsd/wire/wiretest"
)

// errorTests are tests whose cases are named by protocol, action and query code. Those that show more come first. The last
// one lets a backend refuse calls: it says which errors an action may answer, not how to come by them.
var errorTests = []ref{
	"cmd/sqsd TestErrors", "cmd/sqsd TestErrorsOfAbsentQueues", "cmd/sqsd TestErrorsAtTheInFlightLimit",
	"wire TestRefusals", "wire TestQuotas", "wire TestRefusedEntriesAreMarkedAndTheBatchGoesOn",
	"cmd/sqsd TestErrorsWithoutALeader", "wire TestRefusalsOfEveryAction", answered,
}

// Other tests that show why an error is not sent.
const (
	answered   ref = "wire TestActionErrors"
	unspelled  ref = "wire TestErrorsThatAreNeverSent"
	unlimited  ref = "node/queue TestQuotas/FIFO_rate"
	marked     ref = "wire TestRefusedEntriesAreMarkedAndTheBatchGoesOn"
	everywhere ref = "wire TestRefusalsOfEveryAction"
)

var unsentTests = []ref{answered, works, unspelled, unlimited, marked, everywhere}

// listedOnly are errors that the API lists for some actions and package wire does not have, with their statuses.
var listedOnly = map[string]struct {
	status  int
	actions []string
}{
	"InvalidIdFormat": {400, []string{"DeleteMessage"}},
	"AWS.SimpleQueueService.MessageNotInflight": {400, []string{"ChangeMessageVisibility"}},
	"KMS.AccessDeniedException":                 {400, encrypted},
	"KMS.DisabledException":                     {400, encrypted},
	"KMS.InvalidKeyUsageException":              {400, encrypted},
	"KMS.InvalidStateException":                 {400, encrypted},
	"KMS.NotFoundException":                     {400, encrypted},
	"KMS.OptInRequired":                         {403, encrypted},
	"KMS.ThrottlingException":                   {400, encrypted},
}

var encrypted = []string{"SendMessage", "ReceiveMessage"}

// errorKey is a row of the table of errors.
type errorKey struct{ action, code, where, protocol string }

func (k errorKey) compare(other errorKey) int {
	return cmp.Or(cmp.Compare(k.action, other.action), cmp.Compare(k.code, other.code), cmp.Compare(k.where, other.where),
		cmp.Compare(k.protocol, other.protocol))
}

// inEntry is where an error refuses an entry of a batch and not the call.
const inEntry = ", for an entry"

// caseName is the part of a test's name that says what it provokes.
var caseName = regexp.MustCompile(`/(JSON|Query)/(\w+)/([\w.]+)(?:/(.*))?$`)

// provoked finds, for each row, the test that shows most.
func provoked(found evidence) map[errorKey]ref {
	rows := map[errorKey]ref{}
	for _, r := range errorTests {
		path, function := r.split()
		for _, name := range found[path] {
			m := caseName.FindStringSubmatch(strings.TrimPrefix(name, function))
			if m == nil || !strings.HasPrefix(name, function+"/") || wiretest.Calls[m[2]] == "" || statuses()[m[3]] == 0 {
				continue
			}
			k := errorKey{action: m[2], code: m[3], protocol: m[1]}
			if r == marked || strings.HasPrefix(m[4], "entry") {
				k.where = inEntry
			}
			if _, known := rows[k]; !known {
				rows[k] = ref(path + " " + name)
			}
		}
	}
	return rows
}

// statuses are the HTTP statuses of all errors.
func statuses() map[string]int {
	all := map[string]int{}
	for code := wire.Code(1); code.Known(); code++ {
		all[code.Query()] = code.Status()
	}
	for code, listed := range listedOnly {
		all[code] = listed.status
	}
	return all
}

func errorRows(t *testing.T, found evidence) (lines []string) {
	rows, status := provoked(found), statuses()
	for code, listed := range listedOnly {
		for _, action := range listed.actions {
			rows[errorKey{action: action, code: code, protocol: "JSON"}] = answered
			rows[errorKey{action: action, code: code, protocol: "Query"}] = answered
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(rows), errorKey.compare) {
		test, shown := rows[k], ""
		if shown = test.String(); test.function() == answered.function() {
			why, other := unsent(k)
			test, shown = other, "not sent: "+why+"; "+other.String()
			if why == "" {
				t.Errorf("%+v: no test provokes it, and nothing says why", k)
			}
		}
		found.need(t, fmt.Sprint(k), test)
		lines = append(lines, tableRow(t, k.action, k.protocol, "`"+k.code+"`"+k.where, fmt.Sprint(status[k.code]), shown))
	}
	return lines
}

// unsent says why a call of an action never gets an error, and names a test of it.
func unsent(k errorKey) (why string, test ref) {
	of := func(r ref, more ...string) ref {
		return ref(strings.Join(append([]string{string(r), k.protocol, k.action}, more...), "/"))
	}
	onQueue := strings.Contains(wiretest.Calls[k.action], `"QueueUrl"`)
	switch code := k.code; {
	case code == "RequestThrottled":
		return "sqsd limits no rates", unlimited
	case code == "InternalFailure":
		return "only a bug of the server would be, in this form", of(answered, code)
	case code == "InvalidIdFormat":
		return "deprecated, a bad handle is `ReceiptHandleIsInvalid`", unspelled + ref("/"+code)
	case strings.HasSuffix(code, ".MessageNotInflight"):
		return "nor by AWS, what is visible again is hidden", unspelled + ref("/"+code)
	case strings.HasPrefix(code, "KMS."):
		return "keys are stored and never used", unspelled + ref("/"+code)
	case code == "InvalidAddress" && onQueue:
		return "without a QueueUrl the queue does not exist", of(everywhere, "AWS.SimpleQueueService.NonExistentQueue")
	case code == "InvalidAddress":
		return "the call needs no queue's address", of(works)
	case code == "OverLimit":
		return "a policy beyond its limits is `InvalidAttributeValue`", "wire TestQuotas/policy/refused/" +
			ref(k.protocol+"/"+k.action+"/InvalidAttributeValue")
	case code == "AWS.SimpleQueueService.UnsupportedOperation":
		return "nothing of the action is left out", of(works)
	case code == "MissingParameter" && (k.action == "GetQueueUrl" || k.action == "UntagQueue"):
		return "a missing one is `InvalidParameterValue`", "wire TestRefusals/" +
			ref(k.protocol+"/"+k.action+"/InvalidParameterValue")
	case code == "MissingParameter" && strings.HasSuffix(k.action, "Batch"):
		return "what is missing concerns its entry", of(marked, code)
	case code == "MissingParameter":
		return "the call needs no other parameter", of(works)
	}
	return "", ""
}
