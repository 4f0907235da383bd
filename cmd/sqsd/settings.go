package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/peterbourgon/ff/v3"

	"sqsd/node"
	"sqsd/wire"
)

// settings are what a server is told, checked.
type settings struct {
	dataDir             string
	listen              string
	openAccess          bool
	credentials         string // file
	publicURL           string
	trustForwarded      bool
	maxConnections      int
	account, region     string
	deletedWindow       time.Duration
	purgeWindow         time.Duration
	id                  node.NodeID
	peers               peerList // where the nodes of the cluster are; empty for a node alone
	join                *cluster // to join on a new data directory; nil if not given
	peerListen          string
	groups              int // 0 if not given
	maxFormat           node.Format
	logLevel, logFormat string
}

const defaultDataDir = "./sqsd-data"

// defaultGroups is the number of groups of a new data directory.
const defaultGroups = 8

// defaultConnections leaves room for a few thousand workers in long polls, each of which holds a connection.
const defaultConnections = 10000

const (
	maxGroups      = 256
	maxWindow      = 24 * time.Hour
	maxConnections = 1_000_000
)

// parseSettings reads flags, environment and configuration file, in this order of precedence. It returns flag.ErrHelp
// after it has printed the help to help.
func parseSettings(args []string, help io.Writer) (settings, error) {
	var s settings
	flags := s.flags()
	flags.SetOutput(io.Discard)
	flags.Usage = func() { printUsage(flags, help) }
	err := ff.Parse(flags, args,
		ff.WithEnvVarPrefix("SQSD"), ff.WithConfigFileFlag("config"), ff.WithConfigFileParser(ff.PlainParser))
	if err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("unexpected argument %q: settings are given as --name value", flags.Arg(0))
	}
	return s, s.check()
}

// flags declares the settings with their defaults.
func (s *settings) flags() *flag.FlagSet {
	f := flag.NewFlagSet("sqsd", flag.ContinueOnError)
	f.StringVar(&s.dataDir, "data-dir", defaultDataDir, "`directory` of this node's data")
	f.StringVar(&s.listen, "listen", "127.0.0.1:9324", "`host:port` of the SQS endpoint")
	f.BoolVar(&s.openAccess, "open-access", false,
		"serve everyone who can reach --listen without checking who calls; without --credentials this is needed if "+
			"--listen is not a loopback address")
	f.StringVar(&s.credentials, "credentials", "",
		"`file` of key pairs, in the form of AWS's shared credentials: only requests signed with one of them are served")
	f.StringVar(&s.publicURL, "public-url", "",
		"`URL` that clients reach the server at, for queue URLs (default: as the client addressed the server)")
	f.BoolVar(&s.trustForwarded, "trust-forwarded", false,
		"believe X-Forwarded-Proto and X-Forwarded-Host: for a server that only a proxy can reach, which sets them")
	s.maxConnections = defaultConnections
	f.Func("max-connections", fmt.Sprintf("`number` of connections to --listen; more wait (default %d)", defaultConnections),
		s.setMaxConnections)
	f.StringVar(&s.account, "account", wire.DefaultAccount, "account `id` in queue URLs and ARNs, twelve digits")
	f.StringVar(&s.region, "region", "us-east-1", "`region` in queue ARNs, which requests must be signed for")
	s.deletedWindow, s.purgeWindow = time.Minute, time.Minute
	f.Func("deleted-queue-window",
		"how long the name of a deleted queue stays refused, as a `duration`; 0s: not at all (default 60s)",
		windowVar(&s.deletedWindow))
	f.Func("purge-window",
		"how long after a purge the next one is refused, as a `duration`; 0s: not at all (default 60s)",
		windowVar(&s.purgeWindow))
	f.Func("id", "this node's `number` in --peers (default 1)", s.setID)
	f.Func("peers", "`list` of the cluster's nodes and where they are, this one included: 1=host:port,2=host:port,…", s.setPeers)
	f.Func("join", "join the cluster of this `id` on a new data directory, as printed by sqsd members at one of its nodes",
		s.setJoin)
	f.StringVar(&s.peerListen, "peer-listen", "",
		"`host:port` to take peers' connections at (default: this node's address in --peers)")
	f.Func("groups",
		fmt.Sprintf("`number` of raft groups; the same on all nodes, fixed when the data directory is created (default %d)",
			defaultGroups), s.setGroups)
	s.maxFormat = node.NewestFormat
	f.Func("max-format",
		fmt.Sprintf("newest `format` of data to write and to read: hold it low to be able to go back to an older sqsd "+
			"(default %d)", node.NewestFormat), s.setMaxFormat)
	f.StringVar(&s.logLevel, "log-level", "info", "least `level` to log: debug, info, warn or error")
	f.StringVar(&s.logFormat, "log-format", "text", "`format` of the log on standard error: text or json")
	f.String("config", "", "`file` with settings, one \"name value\" a line")
	return f
}

func printUsage(flags *flag.FlagSet, w io.Writer) {
	fmt.Fprint(w, `sqsd serves the Amazon SQS API.

  sqsd                                       one node on 127.0.0.1:9324, data in ./sqsd-data
  sqsd --id 1 --peers 1=a:9325,2=b:9325,3=c:9325 --listen a:9324 --open-access
                                             the first node of three
  sqsd members                               the nodes of a cluster; add one, remove one: sqsd members -h
  sqsd --version                             what it was built from, and the formats of data that it knows

Settings; also as environment variables (SQSD_DATA_DIR for --data-dir) or in a file named by --config:

`)
	flags.SetOutput(w)
	flags.PrintDefaults()
}

func windowVar(d *time.Duration) func(string) error {
	return func(value string) error {
		v, err := time.ParseDuration(value)
		if err != nil || v < 0 || v > maxWindow || v%time.Millisecond != 0 {
			return fmt.Errorf("must be a duration from 0s to %v in whole milliseconds, such as 60s", maxWindow)
		}
		*d = v
		return nil
	}
}

func (s *settings) setID(value string) error {
	id, err := parseID(value)
	s.id = id
	return err
}

func (s *settings) setPeers(value string) (err error) {
	s.peers, err = parsePeers(value)
	return err
}

func (s *settings) setJoin(value string) error {
	c, err := parseCluster(value)
	s.join = &c
	return err
}

func (s *settings) setGroups(value string) (err error) {
	s.groups, err = parseCount(value, maxGroups)
	return err
}

func (s *settings) setMaxFormat(value string) error {
	n, err := parseCount(value, int(node.NewestFormat))
	s.maxFormat = node.Format(n)
	return err
}

func (s *settings) setMaxConnections(value string) (err error) {
	s.maxConnections, err = parseCount(value, maxConnections)
	return err
}

func parseCount(value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("must be a whole number from 1 to %d", most)
	}
	return n, nil
}

var regionPattern = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// check refuses what single flags cannot, and fills in defaults that depend on others.
func (s *settings) check() error {
	if s.dataDir == "" {
		return errors.New("--data-dir is empty: name a directory")
	}
	if err := s.checkListen(); err != nil {
		return err
	}
	// The account and the public URL are checked where they are used.
	if _, err := wire.NewHandler(nil, s.wire()); err != nil {
		return err
	}
	if !regionPattern.MatchString(s.region) {
		return fmt.Errorf("--region %q: must be small letters, digits and dashes, such as us-east-1", s.region)
	}
	if _, ok := logLevels[s.logLevel]; !ok {
		return fmt.Errorf("--log-level %q: must be debug, info, warn or error", s.logLevel)
	}
	if s.logFormat != "text" && s.logFormat != "json" {
		return fmt.Errorf("--log-format %q: must be text or json", s.logFormat)
	}
	return s.checkPeers()
}

func (s *settings) checkListen() error {
	host, err := splitAddress(s.listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", s.listen, err)
	}
	switch {
	case s.openAccess && s.credentials != "":
		return errors.New("--open-access and --credentials contradict each other: give the first to serve everyone, " +
			"the second to serve only signed requests")
	case !isLoopback(host) && !s.openAccess && s.credentials == "":
		return fmt.Errorf("--listen %q is not a loopback address, and nothing checks who calls: add --credentials, "+
			"or --open-access if everyone who can reach it may use the queues", s.listen)
	}
	return nil
}

func (s *settings) checkPeers() error {
	if len(s.peers) == 0 {
		if s.peerListen != "" {
			return errors.New("--peer-listen is given without --peers: name all nodes of the cluster")
		}
		if s.join != nil {
			return errors.New("--join is given without --peers: name the nodes of the cluster and this one")
		}
		if s.id == 0 {
			s.id = 1
		}
		return nil
	}
	if s.join != nil && s.groups != 0 && s.groups != s.join.groups {
		return fmt.Errorf("--groups %d: the cluster to join has %d", s.groups, s.join.groups)
	}
	if s.id == 0 {
		return errors.New("--peers is given without --id: say which of them this node is")
	}
	self, ok := s.peers.address(s.id)
	if !ok {
		return fmt.Errorf("--id %d is not in --peers %s", s.id, s.peers)
	}
	if s.peerListen == "" {
		s.peerListen = self
	}
	if _, err := splitAddress(s.peerListen); err != nil {
		return fmt.Errorf("--peer-listen %q: %w", s.peerListen, err)
	}
	return nil
}

// splitAddress checks an address to listen at and returns its host.
func splitAddress(address string) (host string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", errors.New("must be host:port, such as 127.0.0.1:9324")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("port %q must be a number from 0 to 65535", port)
	} else if strings.ContainsAny(host, " /") {
		return "", fmt.Errorf("host %q of port %d is not a host name", host, n)
	}
	return host, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (s *settings) wire() wire.Config {
	return wire.Config{Account: s.account, Region: s.region, PublicURL: s.publicURL}
}

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func (s *settings) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: logLevels[s.logLevel]}
	if s.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
