"""Which commit the sources are at, and when it was made."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

# What a book or the site is made of; other changes do not make it another one.
_SOURCES = ("docs", "hooks", "overrides", "mkdocs.yml", "pyproject.toml")


@dataclass(frozen=True)
class Provenance:
    """Where files come from.

    Attributes:
        commit: Full hash; None where the sources are in no repository.
        modified: Whether the sources differ from that commit.
        made: The time of the commit, so that the same commit makes the same bytes; of now where
            there is none. ``SOURCE_DATE_EPOCH`` goes before both.
    """

    commit: str | None
    modified: bool
    made: datetime


def of(root: Path) -> Provenance:
    """Return the state of the sources in the project folder `root`.

    Raises:
        ValueError: ``SOURCE_DATE_EPOCH`` is not a whole number of seconds since 1970.
    """
    known = _git(root, "log", "-1", "--format=%H %ct")
    commit, _, seconds = (known or "").partition(" ")
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is not None:
        try:
            made = datetime.fromtimestamp(int(given), timezone.utc)
        except (ValueError, OverflowError, OSError):
            raise ValueError(
                f"SOURCE_DATE_EPOCH is {given!r}; write seconds since 1970, or unset it"
            ) from None
    elif seconds:
        made = datetime.fromtimestamp(int(seconds), timezone.utc)
    else:
        made = datetime.now(timezone.utc).replace(microsecond=0)
    modified = bool(commit and _git(root, "status", "--porcelain", "--", *_SOURCES))
    return Provenance(commit or None, modified, made)


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git says; None where it is missing, or `root` is in no repository."""
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [git, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None
