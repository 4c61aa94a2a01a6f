"""What to measure, and where everything lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import synthetic

from .contestants import Contestant
from .results import Results

PROJECT = synthetic.PROJECT


@dataclass(frozen=True)
class Settings:
    """What to measure.

    Attributes:
        concepts: How many ours and the others build.
        small: Take the few concepts of the tests instead, to see whether everything runs.
        runs: Of each command.
        limit: Seconds that one of the others may take to build.
        sizes: Numbers of concepts, to see how time grows with them.
        contestants: Who builds.
        cache: The folder of all that is written.
    """

    concepts: int
    small: bool
    runs: int
    limit: float
    sizes: Sequence[int]
    contestants: Sequence[Contestant]
    cache: Path

    @property
    def name(self) -> str:
        return "small" if self.small else str(self.concepts)

    @property
    def results(self) -> Results:
        return Results(self.cache / self.name)

    @property
    def work(self) -> Path:
        """The folder of the projects that are built."""
        return self.cache / self.name / "work"
