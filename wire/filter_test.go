package wire

import (
	"strings"
	"testing"
)

func TestReceiveKeepsMatchingMessageAttributes(t *testing.T) {
	all := MessageAttributes{{Name: "All2"}, {Name: "col"}, {Name: "col.r"}, {Name: "color"}, {Name: "size"}}
	for _, c := range []struct{ asked, want string }{
		{"", ""},
		{"All", "All2 col col.r color size"},
		{".*", "All2 col col.r color size"},
		{"*", "All2 col col.r color size"},
		{"col.*", "col col.r color"},
		{"col", "col"},
		{"size col", "col size"},
		{"col*", ""},
		{"COLOR", ""},
		{"no!such$name size", "size"},
	} {
		var got []string
		for _, a := range keepAttributes(all, strings.Fields(c.asked)) {
			got = append(got, a.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("asked for %q: got %q, want %q", c.asked, got, c.want)
		}
	}
}

func TestReceiveKeepsTheUnionOfBothSystemAttributeLists(t *testing.T) {
	all := Pairs{{"SenderId", "s"}, {"SentTimestamp", "1"}, {"X", "y"}}
	for _, c := range []struct {
		old, new Names
		want     string
	}{
		{nil, nil, ""},
		{Names{"SenderId"}, nil, "SenderId"},
		{Names{"SenderId"}, Names{"SentTimestamp", "SenderId"}, "SenderId SentTimestamp"},
		{Names{"SequenceNumber"}, Names{"X"}, "X"},
		{nil, Names{"All"}, "SenderId SentTimestamp X"},
		{Names{"All"}, Names{"X"}, "SenderId SentTimestamp X"},
	} {
		var got []string
		for _, p := range keepPairs(all, c.old, c.new) {
			got = append(got, p.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("asked for %q and %q: got %q, want %q", c.old, c.new, got, c.want)
		}
	}
}
