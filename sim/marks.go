package sim

// Marks are the rare situations that node reports by name (node.Host.Mark). A sweep lists those that no seed reached.
var Marks = []string{}
