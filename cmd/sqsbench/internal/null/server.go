package null

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"sqsd/wire"
)

// The limits of the HTTP server are those of cmd/sqsd: deadlines cost time on every request.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 40 * time.Second
	writeTimeout      = 100 * time.Second
	idleTimeout       = 3 * time.Minute
	maxHeaderBytes    = 64 << 10
	shutdownTimeout   = 2 * time.Second
)

// Serve answers SQS requests on a listener until ctx ends.
func Serve(ctx context.Context, listener net.Listener, backend *Backend) error {
	handler, err := wire.NewHandler(backend, wire.Config{})
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	stopped := make(chan struct{})
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		if server.Shutdown(limit) != nil {
			server.Close()
		}
		close(stopped)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}
