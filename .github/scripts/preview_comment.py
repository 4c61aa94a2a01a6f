#!/usr/bin/env python3
"""Finds the pull request of a finished build and comments on it. Runs with rights.

    preview_comment.py find             prints ``number=…`` for $GITHUB_OUTPUT
    preview_comment.py post ARTIFACT    writes or updates the comment

Standard library only: nothing is installed where there are rights. The artifact is a stranger's.
Of it only numbers and slugs survive, each matched against a strict pattern; everything else that
the comment says is written here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKER = "<!-- llm-glossary: preview -->"
AUTHOR = "github-actions[bot]"
LANGUAGES = {"简": "", "繁": "zh-Hant/", "en": "en/"}

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._-]+)*/?")
LONGEST_SLUG = 64
DEEPEST_PAGE = 4
KEYS = {"slugs", "pages", "errors", "warnings", "codes"}
LARGEST_NUMBER = 99_999
LARGEST_FILE = 100_000
MOST_SLUGS = 500
MOST_CODES = 100
SHOWN_PAGES = 40


class UntrustedDataError(Exception):
    """The artifact is not what our build would have written."""


@dataclass(frozen=True)
class Summary:
    """What a build says about its pull request, checked.

    Attributes:
        slugs: Of the changed concepts.
        pages: Addresses of the other changed pages; empty for the home page.
        codes: How often each rule was broken.
    """

    slugs: tuple[str, ...]
    pages: tuple[str, ...]
    errors: int
    warnings: int
    codes: tuple[tuple[str, int], ...]


def slug(value: object) -> str:
    """Return `value` if it is a slug.

    Raises:
        UntrustedDataError: It is anything else.
    """
    if isinstance(value, str) and len(value) <= LONGEST_SLUG and SLUG.fullmatch(value):
        return value
    raise UntrustedDataError("not a slug")


def page(value: object) -> str:
    """Return `value` if it is the address of a page: a few slugs with slashes between, or empty.

    Raises:
        UntrustedDataError: It is anything else.
    """
    if value == "":
        return ""
    parts = value.split("/") if isinstance(value, str) else []
    if not 0 < len(parts) <= DEEPEST_PAGE:
        raise UntrustedDataError("not a page")
    return "/".join(slug(part) for part in parts)


def number(value: object) -> int:
    """Return `value` if it is a whole number of a size that can be meant.

    Raises:
        UntrustedDataError: It is anything else.
    """
    # type(), not isinstance(): JSON's true is an int to Python.
    if type(value) is int and 0 <= value <= LARGEST_NUMBER:
        return value
    raise UntrustedDataError("not a number")


def parse_summary(data: bytes) -> Summary:
    """Return the summary in `data`, a JSON text.

    Raises:
        UntrustedDataError: Anything in it is not as `summary.py` writes it.
    """
    try:
        # RecursionError: deep nesting. ValueError: bad JSON, bad UTF-8, over-long numbers.
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UntrustedDataError("not JSON") from error
    if not isinstance(found, dict) or found.keys() != KEYS:
        raise UntrustedDataError("not a summary")
    slugs, pages, codes = found["slugs"], found["pages"], found["codes"]
    for listed in (slugs, pages):
        if not isinstance(listed, list) or len(listed) > MOST_SLUGS:
            raise UntrustedDataError("not a short list")
    if not isinstance(codes, dict) or len(codes) > MOST_CODES:
        raise UntrustedDataError("codes are not a short mapping")
    return Summary(
        slugs=tuple(sorted({slug(value) for value in slugs})),
        pages=tuple(sorted({page(value) for value in pages})),
        errors=number(found["errors"]),
        warnings=number(found["warnings"]),
        codes=tuple(sorted((slug(code), number(count)) for code, count in codes.items())),
    )


def read_summary(folder: Path) -> Summary:
    """Return the summary in the one zip file that `folder` holds. Nothing is unpacked to disk.

    Raises:
        UntrustedDataError: There is no such file, or it does not hold just a summary.
    """
    files = [path for path in folder.glob("*") if path.is_file()]
    if len(files) != 1:
        raise UntrustedDataError("not one artifact")
    try:
        with zipfile.ZipFile(files[0]) as archive, archive.open("summary.json") as file:
            data = file.read(LARGEST_FILE + 1)
    except Exception as error:  # zipfile and each decompressor raise their own on broken data
        raise UntrustedDataError("not a zip file with a summary") from error
    if len(data) > LARGEST_FILE:
        raise UntrustedDataError("too large")
    return parse_summary(data)


def compose(summary: Summary | None, *, run_url: str, preview_url: str | None, built: bool) -> str:
    """Return the comment.

    Args:
        summary: None if the build left none that can be trusted.
        run_url: Of the build, where its artifacts are.
        preview_url: Where the preview is or will be, with a closing slash; None for none.
        built: Whether the site was built.
    """
    lines = [MARKER]
    if summary is None:
        lines += [
            "### 没有构建成功 · The build did not succeed",
            "",
            "还没走到检查这一步，原因见构建日志。 It stopped before the check; the log says why.",
        ]
    else:
        lines += _problems(summary)
        lines += _pages(summary, preview_url if built else None)
    lines += ["", f"[构建日志、站点与截图 · Build log, site and screenshots]({run_url})"]
    return "\n".join(lines) + "\n"


def _problems(summary: Summary) -> list[str]:
    if not summary.errors and not summary.warnings:
        return ["### 没有问题 · No problems"]
    errors, warnings = summary.errors, summary.warnings
    lines = [
        f"### {errors} 个错误、{warnings} 个警告 · {errors} errors, {warnings} warnings",
        "",
        "问题标在 Files changed 的对应行上（GitHub 至多各显示 10 个），全部列在 check 的日志里。",
        "On their lines under Files changed, ten of a kind at most; the log of `check` has all.",
    ]
    if summary.codes:
        lines += ["", "| 规则 · Rule | 次数 · Times |", "|---|---:|"]
        lines += [f"| `{code}` | {count} |" for code, count in summary.codes]
    return lines


def _pages(summary: Summary, preview_url: str | None) -> list[str]:
    changed = [(concept, f"terms/{concept}/") for concept in summary.slugs]
    changed += [(address or "index", f"{address}/" if address else "") for address in summary.pages]
    if not changed:
        return ["", "没有改动页面。 No page is changed."]
    lines = ["", f"改动的页面 · Changed pages: {len(changed)}", ""]
    for name, path in changed[:SHOWN_PAGES]:
        links = "".join(
            f" · [{label}]({preview_url}{prefix}{path})" for label, prefix in LANGUAGES.items()
        )
        lines.append(f"- `{name}`{links if preview_url else ''}")
    if len(changed) > SHOWN_PAGES:
        lines.append(f"- … +{len(changed) - SHOWN_PAGES}")
    if preview_url:
        lines += [
            "",
            "预览在维护者批准后几分钟内上线。",
            "The preview is online some minutes after a maintainer has approved it.",
        ]
    return lines


def choose(pulls: Any, head_sha: str) -> int | None:  # noqa: ANN401 (what GitHub answers)
    """Return the number of the one open pull request whose newest commit is `head_sha`.

    A build of an older commit, and a branch with several pull requests, get no comment.
    """
    numbers = [pull["number"] for pull in pulls if pull["head"]["sha"] == head_sha]
    return number(numbers[0]) if len(numbers) == 1 else None


def _api(path: str, *fields: str, method: str = "GET") -> Any:  # noqa: ANN401
    # -f, never -F: -F would read a file named by a value that begins with "@".
    command = ["gh", "api", "--method", method, path]
    command += [part for field in fields for part in ("-f", field)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return json.loads(answer.stdout)


def _find(repository: str) -> None:
    head = f"head={os.environ['HEAD_OWNER']}:{os.environ['HEAD_BRANCH']}"
    pulls = _api(f"repos/{repository}/pulls", "state=open", head)
    found = choose(pulls, os.environ["HEAD_SHA"])
    sys.stdout.write(f"number={'' if found is None else found}\n")


def _preview_url(repository: str, pull: int) -> str:
    address = str(_api(f"repos/{repository}/pages")["html_url"])
    if not ADDRESS.fullmatch(address):
        raise UntrustedDataError("not an address")
    return f"{address.rstrip('/')}/preview/pr-{pull}/"


def _post(repository: str, artifact: Path) -> None:
    pull = number(int(os.environ["NUMBER"]))
    run_url = f"{os.environ['GITHUB_SERVER_URL']}/{repository}/actions/runs/"
    run_url += str(int(os.environ["RUN_ID"]))
    try:
        summary = read_summary(artifact)
    except UntrustedDataError as error:
        sys.stderr.write(f"The summary is not used: {error}.\n")
        summary = None
    body = compose(
        summary,
        run_url=run_url,
        preview_url=(
            _preview_url(repository, pull) if os.environ.get("PREVIEWS") == "true" else None
        ),
        built=os.environ.get("BUILT") == "true",
    )
    comments = f"repos/{repository}/issues/{pull}/comments"
    for comment in _api(comments, "per_page=100"):
        author = (comment["user"] or {}).get("login")  # a deleted account is null
        if author == AUTHOR and comment["body"].startswith(MARKER):
            own = f"repos/{repository}/issues/comments/{int(comment['id'])}"
            _api(own, f"body={body}", method="PATCH")
            return
    _api(comments, f"body={body}", method="POST")


def main() -> None:
    """Run one of the two commands."""
    repository = os.environ["GITHUB_REPOSITORY"]
    if sys.argv[1:] == ["find"]:
        _find(repository)
    elif sys.argv[1:2] == ["post"] and sys.argv[2:]:
        _post(repository, Path(sys.argv[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
