"""What is kept between runs changes how long a run takes and nothing else."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from conftest import PROJECT, make_tree
from llmglossary import article, rules, store
from llmglossary import load as loading
from llmglossary.load import load
from llmglossary.model import Glossary, Problem
from llmglossary.store import FILE, Store

ZH = "docs/terms/gradient-descent/index.zh.md"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


def outcome(root: Path, cache: Path | None) -> tuple[Glossary, list[Problem]]:
    with closing(Store(cache)) as opened:
        glossary, problems = load(root, opened)
    return glossary, sorted(problems + rules.check(glossary))


def edit(root: Path, old: str, new: str) -> None:
    path = root / ZH
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_result_outlives_the_run_that_made_it(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as first:
        assert first.remember(first.key("a"), lambda: {"made": 1}) == {"made": 1}
    with closing(Store(tmp_path)) as second:
        assert second.held([second.key("a"), second.key("b")]) == {second.key("a")}
        assert second.remember(second.key("a"), lambda: pytest.fail("made again")) == {"made": 1}


def test_keys_tell_their_parts_apart(kept: Store) -> None:
    keys = [kept.key(*parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",), ("ab", "c", ""))]
    assert len(set(keys)) == len(keys)


def test_another_program_does_not_use_old_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(tmp_path)) as old:
        old.put(old.key("a"), 1)
    monkeypatch.setattr(store, "program", lambda: b"changed")
    with closing(Store(tmp_path)) as new:
        assert new.get(new.key("a")) is None


@pytest.mark.parametrize("damage", [b"", b"not a database" * 100, None])
def test_a_damaged_file_is_an_empty_store(tmp_path: Path, damage: bytes | None) -> None:
    with closing(Store(tmp_path)) as first:
        key = first.key("a")
        first.put(key, 1)
    file = tmp_path / FILE
    if damage is None:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("update result set value = x'80'")
    else:
        file.write_bytes(damage)
    with closing(Store(tmp_path)) as second:
        assert second.get(key) is None
        assert second.remember(key, lambda: 2) == 2
    with closing(Store(tmp_path)) as third:
        assert third.get(key) == 2


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with closing(Store(tmp_path / "file")) as opened:
        assert opened.remember(opened.key("a"), lambda: 1) == 1
        opened.flush()


def test_results_unused_for_long_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = 86_400
    for today, names in ((0, ("old", "used")), (10, ("used",)), (20, ())):
        monkeypatch.setattr("time.time", lambda today=today: today * day)
        with closing(Store(tmp_path)) as opened:
            for name in names:
                opened.remember(opened.key(name), lambda: 1)
    with closing(Store(tmp_path)) as opened:
        assert opened.held(map(opened.key, ("old", "used"))) == {opened.key("used")}


def test_many_processes_write_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from llmglossary.store import Store\n"
        "opened = Store(Path(sys.argv[1]))\n"
        "for n in range(200):\n"
        "    opened.put(opened.key(sys.argv[2], str(n)), 'x' * 2000)\n"
        "    if n % 20 == 0: opened.flush()\n"
        "opened.close()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "hooks")}
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(k)], env=environment)
        for k in range(4)
    ]
    assert [process.wait(60) for process in running] == [0] * 4
    with closing(Store(tmp_path)) as opened:
        keys = {opened.key(str(k), str(n)) for k in range(4) for n in range(200)}
        assert opened.held(keys) == keys


CHANGES = [
    ("。", "，"),
    ("## 工作原理 {#how}", "## 工作原理 {#works}"),
    ("definition:", "defintion:"),
    ("$", "€"),
    ("[@", "[@@"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_a_warm_check_says_what_a_cold_one_says(tmp_path: Path, old: str, new: str) -> None:
    root = make_tree(tmp_path / "tree")
    cache = tmp_path / "cache"
    assert outcome(root, cache) == outcome(root, cache) == outcome(root, None)
    edit(root, old, new)
    cold = outcome(root, None)
    assert cold[1], "the edit breaks no rule and proves nothing"
    assert outcome(root, cache) == outcome(root, cache) == cold


def test_the_articles_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_tree(tmp_path / "tree")
    outcome(root, tmp_path / "cache")
    monkeypatch.setattr(article, "read", lambda *_: pytest.fail("an article was parsed again"))
    outcome(root, tmp_path / "cache")


def test_reading_ahead_leaves_nothing_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_tree(tmp_path / "tree")
    monkeypatch.setattr(loading, "_WORTH_PROCESSES", 1)
    with closing(Store(tmp_path / "cache")) as opened:
        monkeypatch.setattr(article, "read", lambda *_: pytest.fail("an article was left"))
        glossary, problems = load(root, opened, processes=2)
    monkeypatch.undo()
    assert (glossary, sorted(problems + rules.check(glossary))) == outcome(root, None)
