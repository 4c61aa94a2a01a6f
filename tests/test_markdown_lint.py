"""A linter that fails is reported, and what it did not look at is looked at the next time."""

from __future__ import annotations

import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from llmglossary import markdown_lint, rules
from llmglossary.load import load, load_article
from llmglossary.model import Problem
from llmglossary.store import Store

ZH = "docs/terms/gradient-descent/index.zh.md"
TABLE = "\n| 批量 | 步数 |\n| --- | --- |\n| 32 |\n"
RATE = "docs/terms/learning-rate/index.zh.md"


def problems(root: Path) -> list[Problem]:
    """Return what the linter says, keeping it as `check` does."""
    with closing(Store(root / ".cache")) as store:
        glossary, _ = load(root, store)
        return [p for p in rules.check(glossary, store) if p.code.startswith("markdown")]


def add(root: Path, path: str, text: str) -> None:
    with (root / path).open("a", encoding="utf-8") as file:
        file.write(text)


def fake(tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program in the linter's place that does `body` and then what the linter does."""
    real = markdown_lint._program()
    program = tmp_path / "rumdl"
    program.write_text(
        f"#!{sys.executable}\nimport glob, os, sys, time\n"
        "texts = ''.join(open(f).read() for f in glob.glob(sys.argv[-1] + '/*'))\n"
        f"{body}\nos.execv({real!r}, [{real!r}, *sys.argv[1:]])\n",
        "utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(markdown_lint, "_program", lambda: str(program))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("if '动量' in texts: sys.stderr.write('boom'); sys.exit(101)", "ended with 101: boom"),
        ("if '动量' in texts: time.sleep(9)", "did not finish within"),
        ("if '动量' in texts: print('[{}]'); sys.exit()", "form that is not known"),
    ],
)
def test_an_article_that_the_linter_cannot_read_is_reported_and_not_kept(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    add(tree, RATE, TABLE)
    with monkeypatch.context() as patched:
        patched.setattr(markdown_lint, "_SECONDS", 1)
        fake(tmp_path, body, patched)
        found = problems(tree)
    assert {(p.path, p.code) for p in found} == {(ZH, "markdown-unchecked"), (RATE, "markdown")}
    failure = next(p for p in found if p.code == "markdown-unchecked")
    assert said in failure.message
    assert failure.severity == "error"
    assert "install" in failure.fix
    # With a linter that works the article is read; the others were kept.
    assert [(p.path, p.code) for p in problems(tree)] == [(RATE, "markdown")]


def test_a_linter_that_cannot_be_run_is_reported_once(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tree, ZH, TABLE)
    with monkeypatch.context() as patched:
        fake(tmp_path, "sys.exit(3)", patched)
        (found,) = problems(tree)
        assert (found.code, found.severity) == ("markdown-unchecked", "error")
        assert "no article was checked" in found.message
    assert [p.code for p in problems(tree)] == ["markdown"]


def test_what_was_linted_is_kept(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tree, ZH, TABLE)
    before = problems(tree)
    assert [p.code for p in before] == ["markdown"]
    fake(tmp_path, "sys.exit(3)", monkeypatch)
    assert problems(tree) == before


def test_an_article_read_by_itself_is_linted(tree: Path) -> None:
    add(tree, ZH, TABLE)
    with closing(Store(None)) as store:
        _, found = load_article(tree, ZH, store)
    assert "markdown" in {p.code for p in found}
