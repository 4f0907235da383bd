# Everything a person or CI does with the repository. Only Go is needed, but for interop.

SIM_SEEDS   ?= 1000
COVER_SEEDS ?= 400
FUZZ_TIME   ?= 10s
MUTANT_SEEDS ?= 500

.PHONY: run test lint interop sim sim-cover browser mutants bench fuzz

run: ## a working queue on this machine
	go run ./cmd/sqsd

test: ## all tests
	go test ./...

lint: ## format, vet, static analysis
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

interop: ## SQS clients of five languages, and libraries on them, against a running server; installs their packages
	go vet -tags interop ./cmd/sqsd/interop
	go test -tags interop -count=1 -v -parallel 3 -timeout 15m ./cmd/sqsd/interop

sim: ## seeded simulation sweep with a sample re-run elsewhere and on real Pebble
	go run ./cmd/sqssim sweep --start 1 --count $(SIM_SEEDS)

browser: ## the page of a failed run in Chromium, which must be installed
	go vet -tags browser ./cmd/sqssim/internal/explain
	go test -tags browser -count=1 -run Browser ./cmd/sqssim/internal/explain

sim-cover: ## statements of node that simulated runs reach, and those that they do not
	@dir=$$(mktemp -d) && trap "rm -rf $$dir" EXIT && mkdir $$dir/data && \
	go build -cover -coverpkg=./node/...,./cmd/sqssim -o $$dir/sqssim ./cmd/sqssim && \
	for profile in default moves; do \
		GOCOVERDIR=$$dir/data $$dir/sqssim sweep --count $(COVER_SEEDS) --rerun-every 0 --profiles $$profile >$$dir/log || exit 1; \
		tail -n 1 $$dir/log; \
	done && \
	go tool covdata textfmt -i=$$dir/data -pkg=sqsd/node,sqsd/node/queue,sqsd/node/disk -o=$$dir/profile && \
	echo "blocks that no run reaches:" && \
	awk -F'[:, ]' '$$5 == 0 { print "  " $$1 ": " $$2 " to " $$3 }' $$dir/profile | sort -t: -k1,1 -k2,2V && \
	echo "functions that no run reaches:" && \
	go tool cover -func=$$dir/profile | awk '$$3 == "0.0%" { print "  " $$1 " " $$2 }' && \
	go tool covdata percent -i=$$dir/data -pkg=sqsd/node,sqsd/node/queue,sqsd/node/disk

mutants: ## planted bugs, each of which the simulator must catch
	go run ./cmd/sqssim mutants --seeds $(MUTANT_SEEDS)

bench: ## side by side with the null server
	go build -o bin/sqsd ./cmd/sqsd
	go run ./cmd/sqsbench suite --sqsd ./bin/sqsd

fuzz: ## every fuzz target for FUZZ_TIME
	@for pkg in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "fuzz $$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZ_TIME) $$pkg || exit 1; \
		done; \
	done
