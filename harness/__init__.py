"""What the tests and the benchmarks both stand on, so that neither imports the other."""
