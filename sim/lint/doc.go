// Package lint holds the rules of the house as tests:
//
//   - determinism: in what the simulator runs there is no goroutine, channel, lock, wall clock, file, socket, global
//     randomness, and no range over a map whose order could show;
//   - imports: arrows go up only;
//   - size: no file over 500 lines, no function over 70.
//
// It has no code outside its tests.
package lint
