package wire

import (
	"fmt"
	"reflect"
	"testing"
)

func TestTagsMerge(t *testing.T) {
	current := Pairs{{"a", "1"}, {"b", "2"}}
	got, err := MergeTags(current, Pairs{{"B", "3"}, {"b", ""}, {"c", "4"}})
	if want := (Pairs{{"B", "3"}, {"a", "1"}, {"b", ""}, {"c", "4"}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if current[1].Value != "2" {
		t.Error("merging changed its argument")
	}
}

func TestMergedTagsAreLimited(t *testing.T) {
	var full Pairs
	for i := range MaxTags {
		full = full.With(fmt.Sprint("k", i), "v")
	}
	if _, err := MergeTags(full, Pairs{{"k7", "w"}}); err != nil {
		t.Errorf("an overwritten tag: %v", err)
	}
	if _, err := MergeTags(full, Pairs{{"new", "v"}}); err == nil || err.Code != InvalidParameterValue {
		t.Errorf("one more tag: %v", err)
	}
}

func TestTagsAreRemovedByKey(t *testing.T) {
	current := Pairs{{"a", "1"}, {"b", "2"}}
	if got := RemoveTags(current, Names{"b", "B", "b"}); !reflect.DeepEqual(got, Pairs{{"a", "1"}}) {
		t.Errorf("got %v", got)
	}
	if got := RemoveTags(current, Names{"b", "a"}); got != nil || len(current) != 2 {
		t.Errorf("got %v", got)
	}
}
