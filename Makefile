# Everything a person or CI does with the repository. Only Go is needed, but for interop.

SIM_SEEDS   ?= 1000
COVER_SEEDS ?= 800
NIGHTLY_TIME  ?= 8h
NIGHTLY_START ?= $(shell git rev-parse HEAD)-$(shell date -u +%F)
NIGHTLY_KINDS ?= 6
FUZZ_TIME   ?= 10s
MUTANT_SEEDS ?= 2000

.PHONY: run test lint interop sim sim-nightly sim-cover browser mutants bench fuzz

run: ## a working queue on this machine
	go run ./cmd/sqsd

test: ## all tests
	go test ./...

lint: ## format, vet, static analysis
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

interop: ## SDKs of four languages, the AWS CLI and libraries on them against a running server; installs their packages
	go vet -tags interop ./cmd/sqsd/interop
	go test -tags interop -count=1 -v -parallel 3 -timeout 15m ./cmd/sqsd/interop

sim: ## seeded simulation sweep with a sample re-run elsewhere and on real Pebble; what so many runs must reach is required
	go run ./cmd/sqssim sweep --count $(SIM_SEEDS) --profiles default,default,default,moves,ruin --require-marks

sim-nightly: ## a sweep for NIGHTLY_TIME on all cores from a seed made of NIGHTLY_START; summary in out/nightly.json
	go build -o bin/sqssim ./cmd/sqssim
	./bin/sqssim sweep --start $(NIGHTLY_START) --for $(NIGHTLY_TIME) --profiles default,default,default,moves,moves,ruin,deep,lite \
		--require-marks --max-kinds $(NIGHTLY_KINDS) --run-limit 10m --summary out/nightly.json

browser: ## the page of a failed run in Chromium, which must be installed
	go vet -tags browser ./cmd/sqssim/internal/explain
	go test -tags browser -count=1 -run Browser ./cmd/sqssim/internal/explain

sim-cover: ## statements of node that simulated runs reach; brings docs/simulation-coverage.md up to date
	@dir=$$(mktemp -d) && trap "rm -rf $$dir" EXIT && mkdir $$dir/data && \
	go build -cover -coverpkg=./node/...,./cmd/sqssim -o $$dir/sqssim ./cmd/sqssim && \
	GOCOVERDIR=$$dir/data $$dir/sqssim sweep --count $(COVER_SEEDS) --profiles default,moves,ruin >$$dir/log || { cat $$dir/log; exit 1; } && \
	go tool covdata textfmt -i=$$dir/data -pkg=sqsd/node,sqsd/node/queue,sqsd/node/disk -o=$$dir/profile && \
	go run ./cmd/sqssim cover --profile $$dir/profile --least 90

mutants: ## planted bugs, each of which the simulator must catch; with the seeds that it took
	go run ./cmd/sqssim mutants --seeds $(MUTANT_SEEDS)

bench: ## side by side with the null server; takes about half an hour
	go build -o bin/sqsd ./cmd/sqsd
	go run ./cmd/sqsbench suite --sqsd ./bin/sqsd

fuzz: ## every fuzz target for FUZZ_TIME
	@for pkg in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "fuzz $$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZ_TIME) $$pkg || exit 1; \
		done; \
	done
