package sim

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sqsd/node"
	"sqsd/wire"
)

// setting is a value with a name in the text of a plan.
type setting struct {
	name        string
	at          any   // pointer to the value
	least, most int64 // of a number or duration; both 0 if any will do
}

// nothing is the text of an empty list.
const nothing = "-"

// optionalNodes is a list of nodes that is left out of the text if it is empty.
type optionalNodes []node.NodeID

// optionalInt is a number that is left out of the text if it is 0, optionalTime a duration.
type (
	optionalInt  int
	optionalTime time.Duration
)

func (s setting) optional() bool {
	switch s.at.(type) {
	case *optionalNodes, *optionalInt, *optionalTime:
		return true
	}
	return false
}

// text is the value as parse reads it.
func (s setting) text() string {
	switch v := s.at.(type) {
	case *int:
		return strconv.Itoa(*v)
	case *optionalInt:
		if *v == 0 {
			return nothing
		}
		return strconv.Itoa(int(*v))
	case *optionalTime:
		if *v == 0 {
			return nothing
		}
		return time.Duration(*v).String()
	case *int64:
		return strconv.FormatInt(*v, 10)
	case *uint64:
		return strconv.FormatUint(*v, 10)
	case *node.GroupID:
		return strconv.Itoa(int(*v))
	case *node.NodeID:
		return nodeText(*v)
	case *bool:
		return strconv.FormatBool(*v)
	case *Profile:
		return string(*v)
	case *time.Duration:
		return v.String()
	case *[]time.Duration:
		return listText(*v, time.Duration.String)
	case *[]node.NodeID:
		return listText(*v, nodeText)
	case *optionalNodes:
		return listText(*v, nodeText)
	case *[]string:
		return listText(*v, strings.Clone)
	case *[]byte:
		return hex.EncodeToString(*v)
	}
	panic(fmt.Sprintf("unreachable: a setting of type %T", s.at))
}

func nodeText(id node.NodeID) string { return fmt.Sprintf("n%d", id) }

func listText[E any](list []E, text func(E) string) string {
	if len(list) == 0 {
		return nothing
	}
	var texts []string
	for _, e := range list {
		texts = append(texts, text(e))
	}
	return strings.Join(texts, ",")
}

// parse sets the value.
func (s setting) parse(text string) (err error) {
	var number int64
	switch v := s.at.(type) {
	case *int:
		*v, err = strconv.Atoi(text)
		number = int64(*v)
	case *optionalInt:
		number, err = strconv.ParseInt(text, 10, 32)
		*v = optionalInt(number)
	case *optionalTime:
		var d time.Duration
		d, err = time.ParseDuration(text)
		*v, number = optionalTime(d), int64(d)
	case *int64:
		*v, err = strconv.ParseInt(text, 10, 64)
		number = *v
	case *uint64:
		*v, err = strconv.ParseUint(text, 10, 64)
		number = int64(*v)
	case *node.GroupID:
		number, err = strconv.ParseInt(text, 10, 32)
		*v = node.GroupID(number)
	case *node.NodeID:
		*v, err = parseNode(text)
	case *bool:
		*v, err = strconv.ParseBool(text)
	case *Profile:
		*v, err = ParseProfile(text)
	case *time.Duration:
		*v, err = time.ParseDuration(text)
		number = int64(*v)
	case *[]time.Duration:
		*v, err = parseList(text, time.ParseDuration)
	case *[]node.NodeID:
		*v, err = parseList(text, parseNode)
	case *optionalNodes:
		*v, err = parseList(text, parseNode)
	case *[]string:
		*v, err = parseList(text, parseQueue)
	case *[]byte:
		*v, err = hex.DecodeString(text)
	default:
		panic(fmt.Sprintf("unreachable: a setting of type %T", s.at))
	}
	if err != nil {
		return fmt.Errorf("%s %q: %w", s.name, text, err)
	}
	if (s.least != 0 || s.most != 0) && (number < s.least || number > s.most) {
		return fmt.Errorf("%s is %s, want %s to %s", s.name, text, s.bound(s.least), s.bound(s.most))
	}
	return nil
}

func (s setting) bound(number int64) string {
	switch s.at.(type) {
	case *time.Duration, *optionalTime:
		return time.Duration(number).String()
	}
	return strconv.FormatInt(number, 10)
}

func parseNode(text string) (node.NodeID, error) {
	number, ok := strings.CutPrefix(text, "n")
	id, err := strconv.ParseUint(number, 10, 16)
	if !ok || err != nil || id == 0 {
		return 0, fmt.Errorf("want a node, n1 or higher")
	}
	return node.NodeID(id), nil
}

func parseQueue(text string) (string, error) {
	if !wire.IsQueueName(text) {
		return "", fmt.Errorf("want names of queues with commas between them")
	}
	return text, nil
}

func parseList[E any](text string, parse func(string) (E, error)) ([]E, error) {
	if text == nothing {
		return nil, nil
	}
	var list []E
	for part := range strings.SplitSeq(text, ",") {
		e, err := parse(part)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// parseSettings sets all of the settings from names that are each followed by a value, in any order.
func parseSettings(all []setting, words []string) error {
	given := map[string]bool{}
	for i := 0; i < len(words); i += 2 {
		at := slices.IndexFunc(all, func(s setting) bool { return s.name == words[i] })
		switch {
		case at < 0:
			return fmt.Errorf("unknown %q: want %s", words[i], settingNames(all))
		case given[words[i]]:
			return fmt.Errorf("%s is given twice", words[i])
		case i+1 == len(words):
			return fmt.Errorf("%s has no value", words[i])
		}
		given[words[i]] = true
		if err := all[at].parse(words[i+1]); err != nil {
			return err
		}
	}
	for _, s := range all {
		if !given[s.name] && !s.optional() {
			return fmt.Errorf("%s is missing", s.name)
		}
	}
	return nil
}

func settingNames(all []setting) string {
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	if len(names) == 0 {
		return "nothing more"
	}
	return strings.Join(names, ", ")
}
