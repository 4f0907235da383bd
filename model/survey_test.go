package model

import (
	"fmt"
	"slices"
	"testing"

	"sqsd/wire"
)

func TestReceiptsOfAMessageAreReadInTheOrderOfTheirCounts(t *testing.T) {
	var all []*receipt
	for _, r := range []struct {
		id    string
		count int
	}{{"a", 2}, {"b", 1}, {"a", 1}, {"c", 0}, {"b", 3}, {"c", 0}, {"a", 3}, {"b", 2}} {
		all = append(all, &receipt{op: &Operation{ID: len(all)}, message: &wire.Message{MessageID: r.id}, count: r.count})
	}
	sortReceipts(all)
	var got []string
	for _, r := range all {
		got = append(got, fmt.Sprintf("%s%d of %d", r.message.MessageID, r.count, r.op.ID))
	}
	want := []string{"a1 of 2", "b1 of 1", "a2 of 0", "c0 of 3", "b2 of 7", "c0 of 5", "a3 of 6", "b3 of 4"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
