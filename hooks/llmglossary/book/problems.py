"""What keeps a book from being written."""

from __future__ import annotations

from collections.abc import Iterable

from .. import report
from ..model import Problem


class BookError(Exception):
    """A book that cannot be set; nothing has been written in place of the last good one.

    Attributes:
        problems: All that were found, each with the file and line to mend.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(report.render(list(self.problems)))
