// Package suite measures sqsd against what its benchmarks document claims: it starts sqsd and the durable null server
// as processes of their own, puts load on them and writes the document with the figures.
//
// Each part of the document is a function that measures and returns a section; [Run] runs them in order. Both servers
// share the machine and the disk with the load generator, and are measured in turns: what is claimed is a ratio.
package suite
