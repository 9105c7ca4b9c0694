def suites(*a): return []
