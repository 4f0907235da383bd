package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sqsd/cmd/sqsd/internal/host"
	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
	"sqsd/wire"
)

// metrics are what /metrics shows.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	syncs    prometheus.Histogram
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sqsd_requests_total",
			Help: "Requests that passed validation, by action and outcome: OK or the code of the error.",
		}, []string{"action", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sqsd_request_seconds", Help: "Time from validation to the answer, long polls included.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 18),
		}, []string{"action"}),
		syncs: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sqsd_log_sync_seconds", Help: "Time until a write to the log was on stable storage.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16),
		}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.syncs, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) logSynced(d time.Duration) { m.syncs.Observe(d.Seconds()) }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// observe counts and times what goes through a backend.
func (m *metrics) observe(b wire.Backend) wire.Backend { return observed{m, b} }

type observed struct {
	m       *metrics
	backend wire.Backend
}

func (o observed) Do(ctx context.Context, req wire.Request) (wire.Response, *wire.Error) {
	start := time.Now()
	resp, err := o.backend.Do(ctx, req)
	code := "OK"
	if err != nil {
		code = err.Code.Query()
	}
	o.m.requests.WithLabelValues(req.Action(), code).Inc()
	o.m.seconds.WithLabelValues(req.Action()).Observe(time.Since(start).Seconds())
	return resp, err
}

// watch adds the figures of host, transport and listener, read at each scrape.
func (m *metrics) watch(self node.NodeID, h *host.Host, t *peer.Transport, l *connectionLimit) {
	m.registry.MustRegister(&nodeCollector{self, h, t, l})
}

// nodeCollector reads the state of the node when it is asked.
type nodeCollector struct {
	self     node.NodeID
	host     *host.Host
	peers    *peer.Transport
	listener *connectionLimit
}

var (
	groups        = figure("sqsd_groups", "Groups of the cluster.")
	groupsLed     = figure("sqsd_groups_led", "Groups that this node leads.")
	groupsVoter   = figure("sqsd_groups_voter", "Groups in which this node votes.")
	groupsOrphan  = figure("sqsd_groups_without_leader", "Groups whose leader this node does not know.")
	pollsWaiting  = figure("sqsd_polls_waiting", "Receives that wait for messages at groups led here.")
	clockSkew     = figure("sqsd_clock_skew_seconds", "How far this clock is ahead of the cluster's median.")
	connections   = figure("sqsd_connections", "Connections to the SQS endpoint.")
	eventsWaiting = figure("sqsd_loop_events_waiting", "Events in the inboxes of the event loops.")
	inboxDropped  = figure("sqsd_loop_frames_dropped_total", "Frames dropped at full inboxes.")
	peerQueue     = figure("sqsd_peer_queue_bytes", "Bytes of frames that wait for peers.")
	peerDropped   = figure("sqsd_peer_frames_dropped_total", "Frames dropped before slow or absent peers.")
)

func figure(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

// Describe lists the figures.
func (c *nodeCollector) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, out) }

// Collect reads the figures. Those of the replicas are left out if the event loops do not answer.
func (c *nodeCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
	counter := func(d *prometheus.Desc, v uint64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v))
	}
	load, frames := c.host.Load(), c.peers.Stats()
	gauge(connections, float64(c.listener.open.Load()))
	gauge(eventsWaiting, float64(load.Waiting))
	counter(inboxDropped, load.Dropped)
	gauge(peerQueue, float64(frames.QueuedBytes))
	counter(peerDropped, frames.Dropped)
	ctx, cancel := context.WithTimeout(context.Background(), statusTimeout)
	defer cancel()
	all, err := c.host.Status(ctx)
	if err != nil {
		return
	}
	leaders, votes, polls, skew := reportLeaders(all), 0, 0, time.Duration(0)
	for _, s := range all {
		if slices.Contains(s.Members.Voters, c.self) && !s.Removed {
			votes++
		}
		polls += s.Polls
		if s.Skew.Abs() > skew.Abs() {
			skew = s.Skew
		}
	}
	gauge(groups, float64(leaders.Groups))
	gauge(groupsLed, float64(leaders.Led))
	gauge(groupsVoter, float64(votes))
	gauge(groupsOrphan, float64(leaders.WithoutLeader))
	gauge(pollsWaiting, float64(polls))
	gauge(clockSkew, skew.Seconds())
}
