package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"

	"sqsd/cmd/sqsbench/internal/null"
)

func nullCommand(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("sqsbench null", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:9325", "address to serve on")
	wal := flags.String("wal", "", "file to append every send, delete and purge to, synced by group commit before the answer; "+
		"grows as it is written, fdatasync; emptied at the start")
	receives := flags.Bool("wal-receives", false, "append deliveries and visibility changes too")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *receives && *wal == "" {
		return fmt.Errorf("-wal-receives needs -wal")
	}
	options := null.Options{LogReceives: *receives}
	if *wal != "" {
		if options.Log, err = null.OpenLog(*wal); err != nil {
			return err
		}
		defer func() {
			if closeErr := options.Log.Close(); err == nil {
				err = closeErr
			}
		}()
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "null server at http://%s\n", listener.Addr())
	return null.Serve(ctx, listener, null.NewBackend(options))
}
