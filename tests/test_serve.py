"""An edit shows in the browser at once: only the page that it concerns is built again."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import make_tree

ARTICLE = "docs/terms/gradient-descent/index.zh.md"
PAGES = ("terms/gradient-descent/", "zh-Hant/terms/gradient-descent/")
PATIENCE = 120  # seconds; a machine may be busy


class Served:
    """A small project that MkDocs serves, and the log of the server."""

    def __init__(self, root: Path, address: str, log: Path) -> None:
        self.root = root
        self.address = address
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:  # noqa: S310
                return str(answer.read().decode())
        except urllib.error.URLError:
            return ""

    def wait(self, fulfilled: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not fulfilled():
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def wait_for(self, path: str, text: str) -> None:
        self.wait(lambda: text in self.get(path))

    def full_builds(self) -> int:
        return self.log.count("Building documentation...")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(make_tree(tmp_path / "project"), tmp_path / "log") as project:
        yield project


@contextmanager
def serving(root: Path, log: Path) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--livereload", "-a", f"127.0.0.1:{port}"],
            cwd=root,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUNBUFFERED": "1"},
            stdout=out,
            stderr=out,
        )
        try:
            project = Served(root, f"http://127.0.0.1:{port}/", log)
            project.wait_for("", "</html>")
            yield project
        finally:
            process.terminate()
            process.wait(30)


def test_an_edit_builds_what_it_concerns(served: Served) -> None:
    article = served.root / ARTICLE
    text = article.read_text("utf-8")
    for page in PAGES:
        served.wait_for(page, "</html>")
    assert served.full_builds() == 2

    article.write_text(text.replace("## 专业解释", "新的一句。\n\n## 专业解释", 1), "utf-8")
    for page in PAGES:
        served.wait_for(page, "新的一句。")
    assert served.full_builds() == 2

    # What other pages show of it, they show after a build of everything.
    article.write_text(text.replace("definition: ", "definition: 改过的，", 1), "utf-8")
    served.wait_for("terms/", "改过的，")
    page = served.get("terms/gradient-descent/")
    assert "改过的，" in page
    assert "新的一句。" not in page
    assert served.full_builds() == 3

    # A mistake leaves the page as it was and says where it is.
    article.write_text(text.replace("definition: ", "defintion: ", 1), "utf-8")
    served.wait(lambda: f"{ARTICLE}:2:1 unknown-key" in served.log)
    assert "改过的，" in served.get("terms/gradient-descent/")

    article.write_text(text.replace("## 专业解释", "又一句。\n\n## 专业解释", 1), "utf-8")
    for page in PAGES:
        served.wait_for(page, "又一句。")


def test_a_language_is_built_when_somebody_looks_at_it(served: Served) -> None:
    english = served.root / "docs/terms/gradient-descent/index.en.md"
    record = served.root / "docs/terms/gradient-descent/term.yml"
    assert served.full_builds() == 1

    assert "</html>" in served.get("en/terms/gradient-descent/")
    assert "</html>" in served.get("terms/gradient-descent/")
    assert served.full_builds() == 2

    # What concerns every page is built for the reader first, for the others once they look.
    served.get("en/terms/")
    names = record.read_text("utf-8")
    record.write_text(
        names.replace("preferred: gradient descent", "preferred: descent", 1), "utf-8"
    )
    served.wait_for("en/terms/gradient-descent/", "<h1>descent")
    assert served.full_builds() == 3
    assert "</html>" in served.get("terms/gradient-descent/")
    assert "<h1>descent" in served.get("en/terms/gradient-descent/")
    assert served.full_builds() == 4

    text = english.read_text("utf-8")
    english.write_text(text.replace("## ", "A new sentence.\n\n## ", 1), "utf-8")
    served.wait_for("en/terms/gradient-descent/", "A new sentence.")
    assert served.full_builds() == 4


def test_the_search_knows_what_was_just_written(served: Served) -> None:
    """Its data are made when somebody turns to the box."""
    record = served.root / "docs/terms/gradient-descent/term.yml"
    article = served.root / ARTICLE
    folder = re.findall(r'data-data="([^"]+)"', served.get(""))[0]
    assert "steepest walk" not in served.get(f"{folder}names.js")

    text = record.read_text("utf-8")
    record.write_text(
        text.replace("abbreviation: GD", "abbreviation: GD, admitted: [steepest walk]", 1), "utf-8"
    )
    served.wait_for("terms/gradient-descent/", "steepest walk")
    assert "steepest walk" in served.get(f"{folder}names.js")

    text = article.read_text("utf-8")
    article.write_text(text.replace("## 专业解释", "罕见词。\n\n## 专业解释", 1), "utf-8")
    served.wait_for("terms/gradient-descent/", "罕见词")
    (name,) = re.findall(r'"(gradient-descent\.\w+)"', served.get(f"{folder}text.js"))
    assert "罕见词" in served.get(f"{folder}../pages/{name}.js")


def test_a_page_that_another_process_made_first_is_made_again(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    original = (root / "hooks").resolve()
    (root / "hooks").unlink()
    shutil.copytree(original, root / "hooks", ignore=shutil.ignore_patterns("__pycache__"))
    hook = root / "hooks/mkdocs_hooks.py"
    text = hook.read_text("utf-8")
    assert "_MANY = 48" in text
    assert "processors(), len(coming)" in text
    text = text.replace("_MANY = 48", "_MANY = 1")
    hook.write_text(text.replace("processors(), len(coming)", "3, len(coming)"), "utf-8")
    with serving(root, tmp_path / "log") as served:
        for article in sorted(root.glob("docs/terms/*/index.zh.md")):
            page = f"terms/{article.parent.name}/"
            article.write_text(article.read_text("utf-8") + "\n补上一句。\n", "utf-8")
            served.wait_for(page, "补上一句。")
        assert served.full_builds() == 1
