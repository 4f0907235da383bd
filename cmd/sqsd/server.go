package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"syscall"
	"time"

	"sqsd/cmd/sqsd/internal/host"
	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
	"sqsd/node/disk"
	"sqsd/node/disk/pebbledisk"
	"sqsd/wire"
)

// server is one running node.
type server struct {
	settings settings
	logger   *slog.Logger
	listener net.Listener
	dir      *dataDir
	disk     *pebbledisk.Disk
	peers    *peer.Transport
	host     *host.Host
	http     *http.Server
	failed   chan error // the first failure of disk or replica
}

// startServer brings a node up to the point where it takes connections. What it has opened it closes again on an error,
// except after a failure of the disk, when the process ends anyway.
func startServer(s settings, logger *slog.Logger) (*server, error) {
	v := &server{settings: s, logger: logger, failed: make(chan error, 1)}
	var err error
	if v.listener, err = listen("--listen", s.listen); err != nil {
		return nil, err
	}
	var peerListener net.Listener
	if len(s.peers) > 0 {
		if peerListener, err = listen("--peer-listen", s.peerListen); err != nil {
			return nil, errors.Join(err, v.listener.Close())
		}
	}
	if err := v.open(); err != nil {
		err = errors.Join(err, v.listener.Close())
		if peerListener != nil {
			err = errors.Join(err, peerListener.Close())
		}
		return nil, err
	}
	if peerListener != nil {
		v.peers.Start(peerListener)
	}
	return v, nil
}

func listen(setting, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s %s: the port is in use: stop the other server or choose another port", setting, address)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", setting, address, err)
	}
	return l, nil
}

// open opens the data directory and starts the replicas.
func (v *server) open() (err error) {
	m := newMetrics()
	if v.dir, err = openDataDir(v.settings); err != nil {
		return err
	}
	v.disk, err = pebbledisk.OpenDisk(pebbledisk.Settings{
		Dir: v.dir.path, CacheBytes: cacheBytes,
		LogMemTableBytes: logMemTableBytes, StateMemTableBytes: stateMemTableBytes,
		OnFail:    func(err error) { v.fail(fmt.Errorf("data directory %q: %w", v.dir.path, err)) },
		Logf:      func(format string, args ...any) { v.logger.Warn(fmt.Sprintf(format, args...)) },
		OnLogSync: m.logSynced,
	})
	if err != nil {
		return errors.Join(v.explain(err), v.dir.close())
	}
	v.peers = peer.New(peer.Config{
		Cluster: clusterID(v.settings.peers, v.dir.marker.Groups), Self: v.settings.id,
		Peers:   v.settings.peers.others(v.settings.id),
		Deliver: func(from node.NodeID, frames []peer.Frame) { v.host.Deliver(from, frames) },
		Logger:  v.logger,
	})
	v.host, err = host.Start(host.Config{
		Replica: v.replicaConfig(), Loops: runtime.GOMAXPROCS(0),
		Disk: v.disk, Peers: v.peers, OnFail: v.fail, Logger: v.logger,
	})
	if err != nil {
		return errors.Join(v.explain(err), v.disk.Close(), v.dir.close())
	}
	m.watch(v.host, v.peers)
	v.http, err = newHTTPServer(v.settings.wire(), v.host, m, v.logger)
	return err
}

// explain says what an error at the start means for the data directory.
func (v *server) explain(err error) error {
	switch {
	case errors.Is(err, pebbledisk.ErrLocked):
		return fmt.Errorf("data directory %q is in use: %w", v.dir.path, err)
	case errors.Is(err, disk.ErrCorrupt):
		return fmt.Errorf("data directory %q is damaged, and nothing is served from it: %w", v.dir.path, err)
	}
	return fmt.Errorf("data directory %q cannot be opened: %w", v.dir.path, err)
}

func (v *server) replicaConfig() node.Config {
	c := node.DefaultConfig()
	c.Node, c.Groups, c.Peers = v.settings.id, v.dir.marker.Groups, v.settings.nodes()
	c.Account, c.Region = v.settings.account, v.settings.region
	c.Limits.DeletedQueueWindow = v.settings.deletedWindow.Milliseconds()
	c.Limits.PurgeWindow = v.settings.purgeWindow.Milliseconds()
	c.MaxPendingBytes = max(pendingBytes/c.Groups, 8<<20)
	return c
}

// fail takes the first failure; it never waits.
func (v *server) fail(err error) {
	select {
	case v.failed <- err:
	default:
	}
}

// announce prints where the server is and how to try it.
func (v *server) announce(w io.Writer) {
	endpoint := v.settings.publicURL
	if endpoint == "" {
		endpoint = "http://" + v.listener.Addr().String()
	}
	fmt.Fprintf(w, `sqsd serves the SQS API at %s

  aws sqs create-queue --queue-name hello --endpoint-url %s --region %s --no-sign-request

`, endpoint, endpoint, v.settings.region)
}

// shutdownTimeout bounds a graceful shutdown: calls end within the replicas' call timeout.
const shutdownTimeout = 10 * time.Second

// serve answers requests until ctx ends, then shuts down gracefully, or until something fails.
func (v *server) serve(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- v.http.Serve(v.listener) }()
	select {
	case err := <-v.failed:
		return err
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	v.logger.Info("shutting down")
	v.host.EndPolls()
	ending, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := v.http.Shutdown(ending); err != nil {
		v.logger.Warn("some requests did not end in time", "error", err)
	}
	v.peers.Close()
	v.host.Stop()
	select {
	case err := <-v.failed:
		return err
	default:
	}
	return errors.Join(v.disk.Close(), v.dir.close())
}

var _ wire.Backend = (*host.Host)(nil)
