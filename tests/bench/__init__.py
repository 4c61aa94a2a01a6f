"""What ``make bench`` measures, and how: see ``tests/benchmark.py --help``."""
