"""What `make bench` computes and writes; no time is asserted here."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench import build, content, contestants, figures, layouts, ours, process, report
from bench.contestants import Contestant
from bench.figures import Cost
from bench.layouts import Project
from bench.process import FailedError, Step, TimeLimitError
from bench.results import Results
from bench.settings import PROJECT, Settings


def python(script: str, folder: Path) -> Step:
    return Step([sys.executable, "-c", script], folder)


# --------------------------------------------------------------------------- arithmetic


def test_the_median_is_of_each_figure_on_its_own() -> None:
    costs = [Cost(1, 9, 20), Cost(3, 7, 10), Cost(2, 8, 30)]
    assert figures.median(costs) == Cost(2, 8, 20)


def test_steps_one_after_the_other_add_up_but_for_their_memory() -> None:
    assert figures.total([Cost(1, 2, 30), Cost(1, 3, 20)]) == Cost(2, 5, 30)


def test_the_exponent_tells_linear_from_quadratic() -> None:
    assert figures.exponent({100: 5, 400: 20, 1600: 80}) == pytest.approx(1)
    assert figures.exponent({100: 1, 400: 16}) == pytest.approx(2)
    assert figures.exponent({100: 1}) is None
    assert figures.exponent({}) is None


# --------------------------------------------------------------------------- running


def test_what_a_command_starts_is_counted_too(tmp_path: Path) -> None:
    busy = "import time; b = bytearray(60_000_000); t = time.process_time() + 0.3\n"
    busy += "while time.process_time() < t: pass"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    cost = process.run(python(script, tmp_path))
    assert cost.cpu >= 0.3
    assert cost.wall >= 0.3
    assert cost.memory >= 50_000_000


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="no theme of that name"):
        process.run(python("import sys; sys.exit('no theme of that name')", tmp_path))
    with pytest.raises(FailedError, match="exit status 3"):
        process.run(python("import sys; sys.exit(3)", tmp_path))
    with pytest.raises(FailedError, match="No such file"):
        process.run(Step([tmp_path / "hugo"], tmp_path))


def test_at_the_limit_a_command_ends_with_all_it_has_started(tmp_path: Path) -> None:
    late = f"import time, pathlib; time.sleep(2); pathlib.Path({str(tmp_path / 'late')!r}).touch()"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {late!r}])"
    with pytest.raises(TimeLimitError):
        process.run(python(script, tmp_path), limit=0.3)
    time.sleep(2.5)
    assert not (tmp_path / "late").exists()


# --------------------------------------------------------------------------- builds in turns


def contestant(name: str, script: str, *, own: bool = False, keeps: bool = True) -> Contestant:
    def lay_out(_: content.Content, folder: Path, __: Path) -> Project:
        folder.mkdir(parents=True, exist_ok=True)
        article = folder / "article.md"
        article.write_text("Text.\n", "utf-8")
        return Project(
            steps=[python(f"open('../order', 'a').write('{name} '); {script}", folder)],
            leftovers=[folder / "site"],
            article=article,
            site=folder / "site",
            pages={},
        )

    return Contestant(name, name.title(), [], lay_out, keeps=keeps, own=own)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    def programs(self: Contestant, _: Path) -> Path:
        if self.name == "absent":
            raise FailedError("no wheel for this platform")
        return Path(sys.executable).parent

    monkeypatch.setattr(Contestant, "programs", programs)
    monkeypatch.setattr(ours, "content", lambda _: content.Content(PROJECT / "tests/fixture"))
    return Settings(
        concepts=3,
        small=True,
        runs=2,
        limit=30,
        sizes=(),
        contestants=[
            contestant("ours", "pass", own=True),
            contestant("same", "pass", keeps=False),
            contestant("broken", "raise SystemExit('it broke | here')"),
            contestant("absent", "pass"),
        ],
        cache=tmp_path,
    )


def test_builds_take_turns_and_one_that_fails_stops_nobody(settings: Settings) -> None:
    kept: list[dict[str, Any]] = []
    results = build.measure(settings, kept.append)
    order = (settings.work / "order").read_text("utf-8").split()
    assert order == ["ours", "ours", "same", "broken", "ours", "ours", "same"]
    entries = results["contestants"]
    assert {name: len(entry["runs"]["cold"]) for name, entry in entries.items()} == {
        "ours": 2, "same": 2, "broken": 0, "absent": 0,
    }  # fmt: skip
    assert len(entries["ours"]["runs"]["warm"]) == 2
    assert entries["broken"]["failed"] == "it broke | here"
    assert entries["absent"]["failed"] == "no wheel for this platform"
    article = settings.work / "ours/article.md"
    assert article.read_text("utf-8").count("次改动") == 2
    assert len(kept) == 2


def test_one_that_runs_into_the_limit_is_not_run_again(settings: Settings) -> None:
    slow = contestant("slow", "import time; time.sleep(30)")
    limited = dataclasses.replace(
        settings, limit=0.2, contestants=[*settings.contestants[:1], slow]
    )
    results = build.measure(limited, lambda _: None)
    entry = results["contestants"]["slow"]
    assert entry["runs"] == {"cold": [], "warm": []}
    assert entry["exceeded"]["wall"] == 0.2


# --------------------------------------------------------------------------- content


def test_every_article_is_laid_out_in_each_language_and_in_plain_words() -> None:
    laid_out = content.Content(PROJECT / "tests/fixture")
    assert [a.language for a in laid_out.articles] == ["zh", "zh-Hant", "en"] * len(laid_out.slugs)
    assert all(a.body and a.title for a in laid_out.articles)
    text = "".join(article.body for article in laid_out.articles)
    for foreign in ("[@", "/// caption", "\n///\n"):
        assert foreign not in text


def test_the_others_build_all_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "_mathjax", lambda: b"")
    laid_out = content.Content(PROJECT / "tests/fixture")
    for each in contestants.CONTESTANTS:
        if each.own:
            continue
        folder = tmp_path / each.name
        project = each.lay_out(laid_out, folder, tmp_path)
        assert project.article.is_file(), each.name
        pages = [path.name for path in folder.rglob("*.md") if path.parent.name in laid_out.slugs]
        # static-i18n takes the Simplified article where there is no Traditional one.
        assert len(pages) in {2 * len(laid_out.slugs), 3 * len(laid_out.slugs)}, each.name


def test_what_is_installed_is_pinned() -> None:
    pinned = PROJECT / "tests/bench/requirements"
    names = {each.name for each in contestants.CONTESTANTS if not each.own} | {"weasyprint"}
    assert {path.stem for path in pinned.glob("*.txt")} == names
    assert all("--hash=sha256:" in path.read_text("utf-8") for path in pinned.glob("*.txt"))


# --------------------------------------------------------------------------- the pages


def cost(cpu: float) -> dict[str, float]:
    return {"cpu": cpu, "wall": cpu / 2, "memory": 200_000_000}


def runs(cold: float, warm: float | None = None) -> dict[str, list[dict[str, float]]]:
    return {"cold": [cost(cold)] * 3, "warm": [cost(warm)] * 3 if warm else []}


def parts() -> dict[str, Any]:
    """Return results of everything."""
    page = {kind: {"requests": 4, "elsewhere": 0, "bytes": 27_000} for kind in ("home", "index")}
    page["term"] = {"requests": 24, "elsewhere": 2, "bytes": 1_700_000}
    hits = {"asked": 261, "first": 255, "fifth": 261, "kinds": {}}
    weighed = {"names": 12_345, "definitions": 6_789, "text": 345_678, "files": 120}
    made = {**cost(9), "bytes": 4_200_000, "pages": 321}
    entries = {
        "ours": {"runs": runs(50, 5), "versions": {"mkdocs": "1.6.1"}},
        "vanilla": {"runs": runs(500), "versions": {}},
        "zensical": {"runs": runs(40, 20), "versions": {"zensical": "0.0.73"}},
        "hugo": {"runs": runs(1), "failed": "no | wheel\nhere"},
        "sphinx": {"runs": runs(1), "exceeded": {"cpu": 880.0, "wall": 900}},
    }
    machine = {
        "cpu": "A Processor", "cores": 2, "memory": 8_000_000_000, "system": "Linux",
        "python": "3.11.7",
    }  # fmt: skip
    data: dict[str, Any] = {
        "build": {"concepts": 100, "limit": 900, "contestants": entries},
        "growth": {"sizes": {"100": runs(50, 5), "400": runs(200, 20)}},
        "page": {"chromium": "150", "contestants": {"ours": page, "hugo": {"failed": "no | page"}}},
        "search": {
            "concepts": 100,
            "bytes": {**dict.fromkeys(content.LANGUAGES, weighed), "scripts": {"all": 15_000}},
            "hits": {"ours": hits, "vanilla": hits},
            "seconds": {"ours": 0.13},
            "failed": {"vanilla": "Timeout | 10 s"},
            "contestants": {
                "vanilla": {"": 555_000},
                "zensical": dict.fromkeys(content.LANGUAGES, 9_000),
            },
        },
        "edit": {"concepts": 100, "start": 20.5, "seconds": {"article": [0.3, 0.4], "names": [3]}},
        "check": {"concepts": 100, "runs": runs(30, 3)},
        "book": {
            "concepts": 100,
            "books": {
                language: dict.fromkeys(("pdf", "pdf_warm", "pdf_edit", "epub"), made)
                for language in content.LANGUAGES
            },
            "contestants": {
                "ours": {**cost(3), "concepts": 10, "pages": 40},
                "weasyprint": {**cost(60), "pages": 50, "versions": {"weasyprint": "70.0"}},
            },
        },
    }  # fmt: skip
    return {
        name: {"date": "2026-11-22", "machine": machine, "data": of_part}
        for name, of_part in data.items()
    }


def tables(page: str) -> list[list[list[str]]]:
    """Return the tables of a page: rows of cells."""
    found = re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)
    return [[row[1:-1].split("|") for row in table.splitlines()] for table in found]


def test_both_languages_show_the_same_figures() -> None:
    pages = {language: render(language) for language in report.LANGUAGES}
    shown = {
        language: [re.findall(r"[<>] |\d[\d.]*", " ".join(row)) for t in tables(page) for row in t]
        for language, page in pages.items()
    }
    assert shown["zh"] == shown["en"]
    assert "尚未测量" not in pages["zh"]
    assert "Not measured" not in pages["en"]


def render(language: str, **changed: Any) -> str:  # noqa: ANN401 - JSON
    known = parts() | changed
    return report.render(language, {name: part for name, part in known.items() if part})


@pytest.mark.parametrize("language", report.LANGUAGES)
def test_every_row_of_a_table_has_all_its_cells(language: str) -> None:
    for table in tables(render(language)):
        assert len({len(row) for row in table}) == 1, table


@pytest.mark.parametrize("language", report.LANGUAGES)
def test_each_part_may_be_missing(language: str) -> None:
    for name in parts():
        assert "–" in render(language, **{name: None})
    assert report.render(language, {}).count("---\n") == 2


def test_ratios_are_of_cpu_time_and_bounds_are_marked() -> None:
    rows = {row["name"]: row for row in report.builds(parts()["build"]["data"])}
    assert rows["ours"]["to_vanilla"] == {"cold": "0.10", "warm": "0.01"}
    assert rows["vanilla"]["to_vanilla"]["cold"] == "1.00"
    # What keeps nothing builds everything again.
    assert rows["vanilla"]["ours_to"] == {"cold": "0.10", "warm": "0.01"}
    assert rows["zensical"]["ours_to"] == {"cold": "1.25", "warm": "0.25"}
    assert rows["sphinx"]["ours_to"]["cold"] == "< 0.06"
    page = render("en")
    assert "| Hugo | not measured: `no ¦ wheel here` |" in page
    assert "| Sphinx + MyST | > 880 | > 900 |" in page
    assert "| **Exponent** | 1.00 |" in page


def test_without_vanilla_there_is_no_ratio_to_it() -> None:
    entries = parts()["build"]["data"]["contestants"]
    entries["vanilla"] = {"runs": {"cold": [], "warm": []}, "failed": "no network"}
    rows = {row["name"]: row for row in report.builds({"contestants": entries})}
    assert rows["ours"]["to_vanilla"] == {"cold": "–", "warm": "–"}
    assert rows["vanilla"]["ours_to"] == {"cold": "–", "warm": "–"}


def test_results_of_another_machine_are_not_mixed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = Results(tmp_path)
    results.save("check", {"concepts": 3})
    assert [name for name, _ in results.parts()] == ["check"]
    monkeypatch.setattr("bench.results.machine", lambda: {"cpu": "another"})
    assert list(results.parts()) == []
    assert results.foreign() == ["check"]


# --------------------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--help"], 0, "--concepts"),
        (["--only", "speed"], 2, "`speed` is none of build, growth"),
        (["--concepts", "0"], 2, "1 or more"),
        (["--peers", "jekyll"], 2, "`jekyll` is none of"),
        (["--concepts", "99999999", "--report-only"], 1, "no page is written"),
    ],
)
def test_the_command_says_what_it_wants(arguments: list[str], status: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "tests/benchmark.py", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert said in done.stdout + done.stderr
