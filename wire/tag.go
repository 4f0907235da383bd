package wire

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules for a queue's tags (sqs-semantics 2.8).

func (r *TagQueueRequest) required() *Error {
	if len(r.Tags) == 0 {
		return Missing("Tags")
	}
	return nil
}

func (r *TagQueueRequest) content() *Error { return checkTags("Tags", r.Tags) }

func (r *UntagQueueRequest) required() *Error { return nil }

func (r *UntagQueueRequest) content() *Error {
	if len(r.TagKeys) == 0 {
		return Errorf(InvalidParameterValue, "The request must contain at least one element of the parameter TagKeys.")
	}
	for _, key := range r.TagKeys {
		if err := checkTagKey("TagKeys", key); err != nil {
			return err
		}
	}
	return checkNames("TagKeys", r.TagKeys)
}

func (r *ListQueueTagsRequest) required() *Error { return nil }
func (r *ListQueueTagsRequest) content() *Error  { return nil }

// MergeTags is what becomes of a queue's tags when validated ones are set, unless they become more than [MaxTags].
// Neither argument is changed.
func MergeTags(current, set Pairs) (Pairs, *Error) {
	merged := current
	for _, tag := range set {
		merged = merged.With(tag.Name, tag.Value)
	}
	return merged, checkTagCount(merged)
}

// RemoveTags is what becomes of a queue's tags when some are removed. Neither argument is changed.
func RemoveTags(current Pairs, keys Names) Pairs {
	var kept Pairs
	for _, tag := range current {
		if !slices.Contains(keys, tag.Name) {
			kept = append(kept, tag)
		}
	}
	return kept
}

func checkTags(parameter string, tags Pairs) *Error {
	if err := checkTagCount(tags); err != nil {
		return err
	}
	for _, tag := range tags {
		if err := checkTagKey(parameter, tag.Name); err != nil {
			return err
		}
		if utf8.RuneCountInString(tag.Value) > MaxTagValueLength || !isTagText(tag.Value) {
			return BadValue(parameter, tag.Value, "A value can have 0 to "+strconv.Itoa(MaxTagValueLength)+tagRule)
		}
	}
	return nil
}

func checkTagCount(tags Pairs) *Error {
	if len(tags) > MaxTags {
		return Errorf(InvalidParameterValue, "A queue can have at most %d tags.", MaxTags)
	}
	return nil
}

func checkTagKey(parameter, key string) *Error {
	if key == "" || utf8.RuneCountInString(key) > MaxTagKeyLength || !isTagText(key) {
		return BadValue(parameter, key, "A key can have 1 to "+strconv.Itoa(MaxTagKeyLength)+tagRule)
	}
	if hasPrefixFold(key, "aws:") {
		return BadValue(parameter, key, "Keys that start with aws: are reserved.")
	}
	return nil
}

const tagRule = " letters, digits, spaces and the characters _ . : / = + - @."

func isTagText(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsSpace(r) && !strings.ContainsRune("_.:/=+-@", r) {
			return false
		}
	}
	return true
}
