package wire

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkTags applies the rules for a queue's tags (sqs-semantics 2.8).
func checkTags(tags Pairs) *Error {
	if len(tags) > MaxTags {
		return Errorf(InvalidParameterValue, "A queue can have at most %d tags.", MaxTags)
	}
	for _, tag := range tags {
		if tag.Name == "" || utf8.RuneCountInString(tag.Name) > MaxTagKeyLength || !isTagText(tag.Name) {
			return BadValue("tags", tag.Name, "A key can have 1 to "+strconv.Itoa(MaxTagKeyLength)+tagRule)
		}
		if hasPrefixFold(tag.Name, "aws:") {
			return BadValue("tags", tag.Name, "Keys that start with aws: are reserved.")
		}
		if utf8.RuneCountInString(tag.Value) > MaxTagValueLength || !isTagText(tag.Value) {
			return BadValue("tags", tag.Value, "A value can have 0 to "+strconv.Itoa(MaxTagValueLength)+tagRule)
		}
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
