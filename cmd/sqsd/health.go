package main

import (
	"context"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"sqsd/cmd/sqsd/internal/host"
	"sqsd/node"
)

// statusTimeout is how long the event loops may take to report before the node counts as stuck.
const statusTimeout = 2 * time.Second

// leaderReport is the body of /health/leader.
type leaderReport struct {
	Groups        int `json:"groups"`
	Led           int `json:"led"`           // by this node
	WithoutLeader int `json:"withoutLeader"` // as far as this node knows
	// Leads are the groups that this node leads.
	Leads []node.GroupID `json:"leads"`
	// removed counts the groups that this node was removed from.
	removed int
}

// registerHealth adds the endpoints for load balancers and operators:
//
//	/health/live    200 if the event loops answer
//	/health/ready   200 if every group has a leader that this node knows and was not removed from, so that requests complete
//	/health/leader  how many groups there are and which of them this node leads, as JSON
func registerHealth(mux *http.ServeMux, h *host.Host) {
	answer := func(reply func(w http.ResponseWriter, l leaderReport)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), statusTimeout)
			defer cancel()
			all, err := h.Status(ctx)
			if err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			reply(w, reportLeaders(all))
		}
	}
	mux.Handle("GET /health/live", answer(func(w http.ResponseWriter, _ leaderReport) {
		w.Write([]byte("live\n"))
	}))
	mux.Handle("GET /health/ready", answer(func(w http.ResponseWriter, l leaderReport) {
		if l.removed > 0 {
			http.Error(w, "this node was removed from some groups", http.StatusServiceUnavailable)
			return
		}
		if l.WithoutLeader > 0 {
			http.Error(w, "some groups have no leader", http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ready\n"))
	}))
	mux.Handle("GET /health/leader", answer(func(w http.ResponseWriter, l leaderReport) {
		w.Header().Set("Content-Type", "application/json")
		json.MarshalWrite(w, l)
	}))
}

func reportLeaders(all []node.Status) leaderReport {
	l := leaderReport{Groups: len(all), Leads: []node.GroupID{}}
	for _, s := range all {
		if s.Leading {
			l.Led++
			l.Leads = append(l.Leads, s.Group)
		}
		if s.Removed {
			l.removed++
		}
		if s.Leader == 0 {
			l.WithoutLeader++
		}
	}
	return l
}
