# Everything a person or CI does with the repository. Only Go is needed, but for interop.

SIM_SEEDS   ?= 1000
FUZZ_TIME   ?= 10s
MUTANT_SEEDS ?= 500

.PHONY: run test lint interop sim browser mutants bench fuzz

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
