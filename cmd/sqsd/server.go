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

	"sqsd/cmd/sqsd/internal/credentials"
	"sqsd/cmd/sqsd/internal/host"
	"sqsd/cmd/sqsd/internal/members"
	"sqsd/cmd/sqsd/internal/peer"
	"sqsd/node"
	"sqsd/node/disk/pebbledisk"
	"sqsd/wire"
)

// server is one running node.
type server struct {
	settings settings
	logger   *slog.Logger
	keys     *credentials.File // nil if access is open
	listener *connectionLimit
	dir      *dataDir
	disk     *pebbledisk.Disk
	identity *identity
	peers    *peer.Transport
	host     *host.Host
	members  *members.Steward
	http     *http.Server
	admin    *http.Server
	failed   chan error // the first failure of disk or replica
}

// startServer brings a node up to the point where it takes connections. What it has opened it closes again on an error,
// except after a failure of the disk, when the process ends anyway.
func startServer(s settings, logger *slog.Logger) (*server, error) {
	v := &server{settings: s, logger: logger, failed: make(chan error, 1)}
	if s.credentials != "" {
		var err error
		if v.keys, err = credentials.Open(s.credentials, logger); err != nil {
			return nil, fmt.Errorf("--credentials: %w", err)
		}
	}
	listener, err := listen("--listen", s.listen)
	if err != nil {
		return nil, err
	}
	v.listener = limitConnections(listener, s.maxConnections)
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
	v.serveAdmin()
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
	v.identity, err = openIdentity(v.disk, v.dir, func(err error) { v.fail(v.refused(err)) })
	if err == nil {
		err = v.dir.upgrade()
	}
	if err != nil {
		return errors.Join(v.explain(err), v.disk.Close(), v.dir.close())
	}
	if err := v.openReplicas(); err != nil {
		return errors.Join(v.explain(err), v.closeData())
	}
	m.watch(v.settings.id, v.host, v.peers, v.listener)
	sqs, err := v.sqsHandler(m)
	if err != nil {
		return err
	}
	v.http, v.admin = newHTTPServer(sqs, v.host, m, v.logger), v.newAdminServer()
	return nil
}

// openReplicas opens the replicas and what connects them with those of other nodes.
func (v *server) openReplicas() error {
	c, err := v.dir.marker.cluster()
	if err != nil {
		return err
	}
	v.peers = peer.New(peer.Config{
		Cluster: c.id, Self: v.settings.id, Peers: v.settings.peers.others(v.settings.id), Identity: v.identity,
		Deliver: func(from node.NodeID, frames []peer.Frame) {
			v.members.Deliver(from, frames)
			v.host.Deliver(from, frames)
		},
		Logger: v.logger,
	})
	v.host, err = host.Start(host.Config{
		Replica: v.replicaConfig(), Alone: len(v.settings.peers) == 0, New: v.dir.isNew, Loops: runtime.GOMAXPROCS(0),
		Disk: v.disk, Peers: v.peers, OnFail: v.replicaFailed, Logger: v.logger,
	})
	v.members = members.New(members.Config{
		Self: v.settings.id, Known: v.settings.peers.ids(), Replicas: v.host, Network: v.peers, Logger: v.logger,
	})
	return err
}

// sqsHandler makes what answers SQS requests.
func (v *server) sqsHandler(m *metrics) (http.Handler, error) {
	c := v.settings.wire()
	if v.keys != nil {
		var err error
		c.Verifier, err = wire.NewVerifier(wire.VerifierConfig{
			Lookup: v.keys.Lookup, Now: time.Now, Region: v.settings.region,
		})
		if err != nil {
			return nil, err
		}
	}
	sqs, err := wire.NewHandler(m.observe(v.host), c)
	if err != nil || !v.settings.trustForwarded {
		return sqs, err
	}
	return trustForwarded(sqs), nil
}

func (v *server) replicaConfig() node.Config {
	c := node.DefaultConfig()
	c.Node, c.Life = v.settings.id, v.identity.Life()
	c.Groups, c.Peers, c.Join = v.dir.marker.Groups, v.dir.marker.Founders, v.dir.marker.joined()
	c.Format = v.settings.maxFormat
	c.Account, c.Region = v.settings.account, v.settings.region
	c.Limits.DeletedQueueWindow = v.settings.deletedWindow.Milliseconds()
	c.Limits.PurgeWindow = v.settings.purgeWindow.Milliseconds()
	c.MaxPendingBytes = max(pendingBytes/c.Groups, 8<<20)
	return c
}

// announce prints where the server is and how to try it.
func (v *server) announce(w io.Writer) {
	endpoint := v.settings.publicURL
	if endpoint == "" {
		endpoint = "http://" + v.listener.Addr().String()
	}
	environment, signing := "", "--no-sign-request"
	if v.keys != nil {
		environment = "AWS_SHARED_CREDENTIALS_FILE=" + v.settings.credentials + " "
		signing = "--profile NAME"
	}
	fmt.Fprintf(w, `sqsd serves the SQS API at %s

  %saws sqs create-queue --queue-name hello --endpoint-url %s --region %s %s

`, endpoint, environment, endpoint, v.settings.region, signing)
}

// shutdownTimeout bounds a graceful shutdown: calls end within the replicas' call timeout.
const shutdownTimeout = 10 * time.Second

// handOverTimeout is how long a node that stops waits for others to lead its groups: a few round trips and syncs.
const handOverTimeout = 3 * time.Second

// leave hands over what this node leads, so that its groups are not without leader until the others miss it.
func (v *server) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), handOverTimeout)
	defer cancel()
	if s, err := v.standing(ctx); err == nil && !s.othersVote() {
		return
	}
	if err := v.host.Leave(ctx); err != nil {
		v.logger.Info("others elect the leaders of this node's groups", "reason", err)
		return
	}
	v.logger.Info("others lead all groups")
}

// serve answers requests until ctx ends, then shuts down gracefully, or until something fails.
func (v *server) serve(ctx context.Context) error {
	if v.keys != nil {
		watching, stop := context.WithCancel(ctx)
		defer stop()
		go v.keys.Watch(watching)
	}
	if len(v.settings.peers) > 0 {
		watching, stop := context.WithCancel(ctx)
		defer stop()
		go v.watchStanding(watching)
	}
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
	v.admin.Close()
	v.leave()
	v.peers.Close()
	v.host.Stop()
	select {
	case err := <-v.failed:
		return err
	default:
	}
	return v.closeData()
}

func (v *server) closeData() error {
	err := v.disk.Close()
	v.identity.Close()
	return errors.Join(err, v.dir.close())
}

var _ wire.Backend = (*host.Host)(nil)
