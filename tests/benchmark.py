"""Measure builds, pages, search, edits, checks and books; compare with other generators.

Usage: python tests/benchmark.py --help
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "hooks"))

from bench.command import main

if __name__ == "__main__":
    sys.exit(main())
