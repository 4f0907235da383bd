package sim

import (
	"sqsd/node"
	"sqsd/node/disk"
)

// usual is in how many runs a mark is reached once at least, unless it is declared to be rarer.
const usual = 30

// rareMarks says of marks that are rarer than usual in how many runs of a profile they are reached once at least. Runs of
// a profile that is not named may never reach the mark. Deep runs are taken for default ones.
var rareMarks = map[string]map[Profile]int{
	"fault: corrupt":                                      {Default: 150, Moves: 150, Ruin: 20},
	"fault: lost":                                         {Default: 150, Moves: 150, Ruin: 20},
	"fault: rolled back":                                  {Default: 250, Moves: 250, Ruin: 20},
	"peer rolled back":                                    {Default: 2000, Moves: 2000, Ruin: 60},
	"lie: rollback to an earlier life":                    {Default: 300, Moves: 300, Ruin: 12},
	"lie: rollback within a life":                         {Default: 2000, Moves: 2000, Ruin: 60},
	"lie: the cluster need not go on":                     {Ruin: 5},
	"lie: " + node.ErrForgotten.Error():                   {Default: 200, Moves: 200, Ruin: 6},
	"lie: " + node.ErrRolledBack.Error():                  {Default: 400, Moves: 400, Ruin: 15},
	"lie: " + disk.ErrCorrupt.Error():                     {Default: 300, Moves: 300, Ruin: 10},
	"stop: a group was handed over":                       {Default: 60, Moves: 60, Ruin: 100},
	"leadership declined before the node stops":           {Default: 300, Moves: 300, Ruin: 300},
	"leadership declined because of the clock":            {Default: 90, Moves: 200},
	"removal refused, too few are alive":                  {Default: 400, Moves: 400},
	"removed node tells a member what is committed":       {Default: 1200, Moves: 1200},
	"moves not handed over, tried again":                  {Default: 400, Moves: 40},
	"poll of a silent node ended":                         {Default: 200, Moves: 200},
	"queue: deduplication id used again after its window": {Default: 1000, Moves: 1000},
	"queue: entry with a time before the one reached":     {Default: 60, Moves: 200},
	"queue: many runs expired at once":                    {Default: 300, Moves: 150},
	"queue: message delivered because its dead-letter queue is missing or of the other type": {Default: 200, Moves: 80},
	"queue: message expired when it was moved to its dead-letter queue":                      {Default: 600, Moves: 150},
	"queue: message from another queue expired by its first sent time":                       {Default: 150, Moves: 80},
	"queue: more was to be forgotten than an entry may do":                                   {Default: 200, Moves: 200},
	"queue: move from another group accepted before":                                         {Default: 400, Moves: 60},
	"queue: move from another group refused":                                                 {Default: 150, Moves: 30},
	"queue: move task cancelled with messages on their way":                                  {Default: 1500, Moves: 120},
	"queue: move task waits for the outboxes":                                                {Default: 600, Moves: 80},
	"queue: move to another group settled before":                                            {Default: 2000, Moves: 250},
	"queue: receive ended by as many moves as it may make":                                   {Default: 150, Moves: 50},
	"queue: refused message back in its queue":                                               {Default: 150, Moves: 30},
	"queue: refused message of a queue that was deleted":                                     {Default: 1000, Moves: 250},
	"queue: refused message of a queue that was purged":                                      {Default: 1000, Moves: 200},
	"queue: refused message past its retention":                                              {Moves: 400},
	"snapshot of an earlier leader refused":                                                  {Default: 200, Moves: 200},
	"too many pending bytes":                                                                 {Default: 100, Moves: 100},
	"upgrade: old binary stops at the raise":                                                 {Default: 150, Moves: 150},
}

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
