"""How a command ends."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from .. import report
from ..model import Problem

CLEAN, PROBLEMS, USAGE = 0, 1, 2


class UsageError(Exception):
    """The command cannot do what its arguments ask; the message says what to write."""


def refuse(problems: Iterable[Problem]) -> int:
    """Say that nothing was written because of `problems`; return the exit status."""
    sys.stderr.write(report.render(problems) + "\nNothing was written.\n")
    return PROBLEMS
