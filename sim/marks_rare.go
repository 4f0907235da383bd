package sim

// usual is in how many runs a mark is reached once at least, unless it is declared to be rarer.
const usual = 30

// rareMarks says of marks that are rarer than usual in how many runs of a profile they are reached once at least. Runs of
// a profile that is not named may never reach the mark. Deep runs are taken for default ones.
var rareMarks = map[string]map[Profile]int{}

// Within says in how many runs of a profile a mark can be expected once; 0 if they may never reach it. Nothing is expected
// of lite runs.
func Within(mark string, profile Profile) int {
	if profile == Deep {
		profile = Default
	}
	if runs, rare := rareMarks[mark]; rare {
		return runs[profile]
	}
	if profile == Lite {
		return 0
	}
	return usual
}
