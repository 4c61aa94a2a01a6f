#!/usr/bin/env python3
"""Sums up a pull request for the comment on it: changed concepts and pages, problems by rule.

    summary.py PROBLEMS.json CHANGED OUTPUT.json

Runs with the contributor's code and without rights; `preview_comment.py` trusts none of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path, PurePosixPath

# A page that is no concept's: folders and name are slugs.
PAGE = re.compile(
    r"docs/(?!terms/[^/]+/)(?P<path>(?:[a-z0-9]+(?:-[a-z0-9]+)*/){0,3}[a-z0-9]+(?:-[a-z0-9]+)*)"
    r"\.(?:zh|zh-Hant|en)\.md"
)


def changed_slugs(names: bytes) -> list[str]:
    """Return the slugs of the concepts that `git diff --name-only -z` names, sorted."""
    paths = [PurePosixPath(name) for name in names.decode("utf-8", "replace").split("\0")]
    return sorted(
        {path.parts[2] for path in paths if path.parts[:2] == ("docs", "terms") and path.parts[3:]}
    )


def changed_pages(names: bytes) -> list[str]:
    """Return the other pages that `git diff --name-only -z` names: their addresses, sorted.

    The home page is the empty address; ``docs/contribute/names.en.md`` is ``contribute/names``.
    """
    found = (PAGE.fullmatch(name) for name in names.decode("utf-8", "replace").split("\0"))
    pages = {page["path"] for page in found if page}
    return sorted(page.removesuffix("index").rstrip("/") for page in pages)


def summarize(
    problems: list[dict[str, object]], slugs: list[str], pages: list[str]
) -> dict[str, object]:
    """Return what is handed to the trusted workflow.

    Args:
        problems: As ``cli.py check --format json`` prints them.
        slugs: Of the changed concepts.
        pages: Addresses of the other changed pages.
    """
    severities = Counter(problem["severity"] for problem in problems)
    return {
        "slugs": slugs,
        "pages": pages,
        "errors": severities["error"],
        "warnings": severities["warning"],
        "codes": dict(Counter(str(problem["code"]) for problem in problems)),
    }


def main() -> None:
    """Read the two inputs and write the summary."""
    problems, changed, output = map(Path, sys.argv[1:])
    names = changed.read_bytes()
    summary = summarize(
        json.loads(problems.read_text("utf-8")), changed_slugs(names), changed_pages(names)
    )
    output.write_text(json.dumps(summary, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
