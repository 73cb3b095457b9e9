"""Real Asterisk and Redis without root: the demo, the live tests and the benchmarks stand on it."""
