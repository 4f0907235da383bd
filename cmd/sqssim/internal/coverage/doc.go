// Package coverage says which statements of node simulated runs reach, and keeps the page that gives the reason for each
// function with statements that they do not (docs/simulation-coverage.md). The page's reasons are written by hand, its
// figures and lists by "make sim-cover".
package coverage
