package node

import "testing"

func TestAPromiseIsKeptByWhatTheDiskHas(t *testing.T) {
	const self = 2 // who the promises were made to
	for _, c := range []struct {
		name  string
		made  promise
		disk  standing
		keeps bool
	}{
		{"nothing was promised", promise{}, standing{}, true},
		{"a later term, a shorter log", promise{term: 3, last: 9, own: true}, standing{term: 4, last: 5}, true},
		{"an earlier term", promise{term: 3}, standing{term: 2, last: 9}, false},
		{"the vote", promise{term: 3, voted: true}, standing{term: 3, vote: self}, true},
		{"a vote for nobody", promise{term: 3, voted: true}, standing{term: 3}, false},
		{"a vote for another", promise{term: 3, voted: true}, standing{term: 3, vote: 1}, false},
		{"the entries", promise{term: 3, last: 9, own: true}, standing{term: 3, lastTerm: 3, last: 9}, true},
		{"one entry less", promise{term: 3, last: 9, own: true}, standing{term: 3, lastTerm: 3, last: 8}, false},
		{"as many entries, of an earlier term", promise{term: 3, last: 9, own: true}, standing{term: 3, lastTerm: 2, last: 9}, false},
		{"as many, promised before the first of the term", promise{term: 3, last: 9}, standing{term: 3, lastTerm: 2, last: 9}, true},
	} {
		if got := c.disk.keeps(c.made, self); got != c.keeps {
			t.Errorf("%s: %+v keeps %+v: %t", c.name, c.disk, c.made, got)
		}
	}
}
