package main

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"sqsd/cmd/sqsd/internal/host"
)

// Time limits of the HTTP server. A request's body is at most a few megabytes, which a slow client gets half a minute
// for. The answer may take a long poll's 20 s and the replica's timeout on top, and then half a minute to be sent.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 40 * time.Second
	writeTimeout      = 100 * time.Second
	idleTimeout       = 3 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// newHTTPServer makes the server of the SQS endpoint, which also answers health checks and scrapes.
func newHTTPServer(sqs http.Handler, h *host.Host, m *metrics, logger *slog.Logger) *http.Server {
	operations := http.NewServeMux()
	registerHealth(operations, h)
	operations.Handle("GET /metrics", m.handler())
	return &http.Server{
		// SQS requests are not routed by a mux, which would clean their paths.
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer cutOnPanic(r, logger)
			if r.Method == http.MethodGet && (r.URL.Path == "/metrics" || strings.HasPrefix(r.URL.Path, "/health/")) {
				operations.ServeHTTP(w, r)
				return
			}
			sqs.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// cutOnPanic logs a panic of the front end, which touches no queue, and closes the connection.
func cutOnPanic(r *http.Request, logger *slog.Logger) {
	if p := recover(); p != nil {
		logger.Error("a request ended in a panic", "method", r.Method, "path", r.URL.Path, "panic", p,
			"stack", string(debug.Stack()))
		panic(http.ErrAbortHandler)
	}
}
