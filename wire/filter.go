package wire

import (
	"slices"
	"strings"
)

// What callers ask for by name. Backends answer with everything; these keep the part that was asked for and leave what
// they were given as it is.

// allNames stands for every name in a list of names.
const allNames = "All"

// keepPairs is the part of all whose names are listed.
func keepPairs(all Pairs, names ...Names) Pairs {
	var kept Pairs
	for _, list := range names {
		if slices.Contains(list, allNames) {
			return all
		}
	}
	for _, p := range all {
		if slices.ContainsFunc(names, func(list Names) bool { return slices.Contains(list, p.Name) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// keepAttributes is the part of a message's attributes that match a list of names and patterns.
func keepAttributes(all MessageAttributes, names Names) MessageAttributes {
	var kept MessageAttributes
	for i := range all {
		if slices.ContainsFunc(names, func(name string) bool { return matchesAttribute(all[i].Name, name) }) {
			kept = append(kept, all[i])
		}
	}
	return kept
}

// matchesAttribute says whether a requested name stands for an attribute: All, * and .* stand for any, a name with .* at
// its end for those that start with the text before the dot, others for themselves (sqs-semantics 3.5).
func matchesAttribute(have, requested string) bool {
	if prefix, ok := strings.CutSuffix(requested, ".*"); ok {
		return strings.HasPrefix(have, prefix)
	}
	return requested == have || requested == allNames || requested == "*"
}
