package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWhyThereIsNoMoreNewsOfAChange(t *testing.T) {
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	for says, c := range map[string]struct {
		ctx  context.Context
		body io.Reader
	}{
		"the server has ended":   {t.Context(), strings.NewReader(`{"group":1,"text":"x"}` + "\n")},
		"interrupted":            {interrupted, iotest.ErrReader(context.Canceled)},
		"no more news":           {t.Context(), iotest.ErrReader(errors.New("broken"))},
		"what is done stays":     {t.Context(), strings.NewReader(`{"end":true,"error":"late"}`)},
		"interrupted before the": {interrupted, strings.NewReader("")},
	} {
		if err := (membersCommand{}).follow(c.ctx, io.Discard, c.body); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}
