package queue

import "testing"

var goldenTenant = tenant{300, goldenLate, "tenant"}

// tenantSamples are the records of messages with a message group id in a standard queue.
func tenantSamples(t *testing.T) []sample {
	const id = ID(1)
	shown := shownMessage{goldenLate, goldenSent, "tenant"}
	own := tenantMessage{goldenLate, goldenSent, true}
	waiting := timer{goldenSent + 1000, goldenLate, goldenSent, "tenant"}
	samples := []sample{
		{"turn", appendName(nil, goldenTenant.name)}, {"timer of a tenant", waiting.append(nil)}, {"shown message", shown.append(nil)},
		{"tenant message", own.append(nil)}, {"tenant", goldenTenant.append(nil)},
	}
	turnBack, err := parseTurn(goldenTenant.key(nil, id), samples[0].data)
	same(t, turnBack, goldenTenant, err)
	timerBack, err := parseTimer(waiting.key(nil, id), samples[1].data)
	same(t, timerBack, waiting, err)
	shownBack, err := parseShown(shown.key(nil, id), samples[2].data)
	same(t, shownBack, shown, err)
	ownBack, name, err := parseTenantMessage(tenantMessageKey(nil, id, "tenant", goldenLate), samples[3].data)
	same(t, ownBack, own, err)
	same(t, name, "tenant", nil)
	tenantBack, err := parseTenant("tenant", samples[4].data)
	same(t, tenantBack, goldenTenant, err)
	return samples
}
