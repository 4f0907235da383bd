package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/peterbourgon/ff/v3"

	"sqsd/cmd/sqsd/internal/members"
)

// membersUsage is the help of the command.
const membersUsage = `sqsd members lists the nodes of a cluster, adds one or removes one. It asks the server that runs on --data-dir.

  sqsd members               cluster id, nodes, and in how many groups each takes part
  sqsd members add 4         make node 4, which was started with --join, a voter of every group
  sqsd members remove 3      take node 3 out of every group, for ever

Each may be repeated after any failure.

`

// membersCommand is what an operator wants of a server.
type membersCommand struct {
	dataDir string
	wish    members.Wish // empty: a list
	node    string
	within  time.Duration
}

// runMembers is the command "sqsd members". It returns the exit code.
func runMembers(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parseMembers(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "sqsd members: %v\nsqsd members -h says more\n", err)
		return exitUsage
	}
	method, path := http.MethodGet, "/members"
	if c.wish != "" {
		method, path = http.MethodPost, fmt.Sprintf("/members/%s/%s?within=%v", c.wish, c.node, c.within)
	}
	resp, err := c.call(ctx, method, path)
	if err != nil {
		fmt.Fprintf(stderr, "sqsd members: no server answers for data directory %q: %v\n", c.dataDir, err)
		return exitUsage
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		text, _ := io.ReadAll(resp.Body)
		err = errors.New(strings.TrimSpace(string(text)))
	case c.wish == "":
		err = printStanding(stdout, resp.Body)
	default:
		err = c.follow(ctx, stdout, resp.Body)
	}
	if err != nil {
		fmt.Fprintf(stderr, "sqsd members: %v\n", err)
		return exitFailed
	}
	return exitOK
}

// parseMembers reads the words and flags behind "members", in any order.
func parseMembers(args []string, help io.Writer) (c membersCommand, err error) {
	flags := flag.NewFlagSet("sqsd members", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {
		fmt.Fprint(help, membersUsage)
		flags.SetOutput(help)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.dataDir, "data-dir", defaultDataDir, "`directory` of a node's data")
	flags.DurationVar(&c.within, "timeout", 10*time.Minute, "how long a change may take, as a `duration`")
	flags.String("config", "", "`file` with settings of the server")
	var words []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		words, args = append(words, args[0]), args[1:]
	}
	err = ff.Parse(flags, args, ff.WithEnvVarPrefix("SQSD"), ff.WithConfigFileFlag("config"),
		ff.WithConfigFileParser(ff.PlainParser), ff.WithIgnoreUndefined(true))
	if err != nil {
		return c, err
	}
	switch words = append(words, flags.Args()...); {
	case len(words) == 0:
		return c, nil
	case len(words) != 2 || words[0] != string(members.Add) && words[0] != string(members.Remove):
		return c, fmt.Errorf("%q must be: add ID, or remove ID, or nothing", strings.Join(words, " "))
	}
	c.wish, c.node = members.Wish(words[0]), words[1]
	if _, err := parseID(c.node); err != nil {
		return c, fmt.Errorf("node %q %w", c.node, err)
	}
	return c, nil
}

// call sends a request to the server's socket.
func (c membersCommand) call(ctx context.Context, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://sqsd"+path, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(c.dataDir, adminName))
		},
	}}
	return client.Do(req)
}

// follow prints news until the change has ended.
func (c membersCommand) follow(ctx context.Context, w io.Writer, body io.Reader) error {
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		var n news
		switch err := json.Unmarshal(lines.Bytes(), &n); {
		case err != nil:
			return err
		case n.Error != "":
			return fmt.Errorf("%s; what is done stays, and the command may be repeated", n.Error)
		case n.End:
			return nil
		}
		fmt.Fprintf(w, "group %d: %s\n", n.Group, n.Text)
	}
	switch err := lines.Err(); {
	case ctx.Err() != nil:
		return errors.New("interrupted before the change was complete; what is done stays, and the command may be repeated")
	case err != nil:
		return fmt.Errorf("no more news of the change, repeat the command: %w", err)
	}
	return errors.New("the server has ended before the change was complete: repeat the command")
}

// printStanding prints what a node knows of its cluster.
func printStanding(w io.Writer, body io.Reader) error {
	var s standing
	if err := json.UnmarshalRead(body, &s); err != nil {
		return err
	}
	if s.Cluster == "" {
		fmt.Fprintf(w, "node %d is alone, with %d groups\n", s.Node, s.Groups)
		return nil
	}
	fmt.Fprintf(w, "cluster %s\ngroups  %d\n\n", s.Cluster, s.Groups)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tADDRESS\tVOTER\tLEARNER\tLEADER")
	for _, n := range s.Nodes {
		address := n.Address
		if address == "" {
			address = "-"
		}
		fmt.Fprintf(table, "%d\t%s\t%d\t%d\t%d\n", n.ID, address, n.Voter, n.Learner, n.Leads)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(s.Missing) > 0 {
		fmt.Fprintf(w, "\nnode %d, asked here, is new and takes no part before it has met nodes %v\n", s.Node, s.Missing)
	}
	if s.Waiting > 0 {
		fmt.Fprintf(w, "\nnode %d, asked here, waits to be added to %d groups: ask a member\n", s.Node, s.Waiting)
	}
	if s.Removed > 0 {
		fmt.Fprintf(w, "\nnode %d, asked here, was removed from %d groups, and knows no news of them\n", s.Node, s.Removed)
	}
	for _, id := range s.strangers() {
		fmt.Fprintf(w, "\nnode %d is a member and has no address in --peers of node %d: restart that with a list that has it\n",
			id, s.Node)
	}
	return nil
}
