"""The pages of results: one template for each language, the same figures in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import figures
from .contestants import CONTESTANTS
from .figures import Cost
from .results import Results

LANGUAGES = ("zh", "en")
_TEMPLATES = Path(__file__).parent / "templates"
_MISSING = "–"


def write(results: Results, folder: Path) -> Iterator[Path]:
    """Write a page in each language.

    Args:
        results: What was measured; a part that was not is left out.
        folder: Of the pages.
    """
    parts = dict(results.parts())
    for language in LANGUAGES:
        file = folder / f"benchmarks.{language}.md"
        file.write_text(render(language, parts), "utf-8")
        yield file


def render(language: str, parts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page of results in one language.

    Args:
        language: One for which there is a template.
        parts: Name -> what was kept of it.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown
        # In Markdown `{#` begins the id of a heading.
        comment_start_string="<%#",
        comment_end_string="#%>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        seconds=seconds, megabytes=megabytes, kilobytes=kilobytes, percent=percent, cell=cell
    )
    data = {part: whole["data"] for part, whole in parts.items()}
    return environment.get_template(f"benchmarks.{language}.md").render(
        machine=next((whole["machine"] for whole in parts.values()), None),
        dates=sorted({whole["date"] for whole in parts.values()}),
        concepts=next((d["concepts"] for d in data.values() if "concepts" in d), None),
        titles={contestant.name: contestant.title for contestant in CONTESTANTS},
        builds=list(builds(data["build"])) if "build" in data else None,
        versions=_versions(data),
        limit=data.get("build", {}).get("limit"),
        growth=growth(data["growth"]) if "growth" in data else None,
        page=data.get("page"),
        search=data.get("search"),
        edit=edits(data["edit"]) if "edit" in data else None,
        check=_medians(data["check"]["runs"]) if "check" in data else None,
        book=data.get("book"),
        runs=_most_runs(data),
    )


# --- figures of the tables --------------------------------------------------------------------


def builds(build: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the builds.

    Ratios are of CPU time: to `vanilla` from nothing, and ours to each. Where `vanilla` or one of
    the others ran into the limit they are bounds, and begin with ``<`` or ``>``.
    """
    entries = build["contestants"]
    base = _bound(entries.get("vanilla"))
    own = _medians(entries["ours"]["runs"]) if "failed" not in entries["ours"] else {}
    for contestant in CONTESTANTS:
        entry = entries.get(contestant.name)
        if entry is None:
            continue
        # Of one that did not always come to its end nothing is shown but that.
        phases = {} if {"failed", "exceeded"} & entry.keys() else _medians(entry["runs"])
        # Who keeps nothing builds everything again.
        if not contestant.keeps and "cold" in phases:
            phases["warm"] = phases["cold"]
        yield {
            "name": contestant.name,
            "title": contestant.title,
            "keeps": contestant.keeps,
            "failed": entry.get("failed"),
            "exceeded": entry.get("exceeded"),
            "phases": phases,
            "to_vanilla": {
                phase: _ratio((cost.cpu, False), base) for phase, cost in phases.items()
            },
            "ours_to": {
                phase: _ratio((own[phase].cpu, False), (phases[phase].cpu, False))
                if phase in phases
                else _ratio((own[phase].cpu, False), _bound(entry))
                for phase in own
            },
        }


def _bound(entry: Mapping[str, Any] | None) -> tuple[float, bool] | None:
    """Return the CPU seconds of a cold build, and whether it took more; nothing if unknown."""
    if entry is None or "failed" in entry:
        return None
    if "exceeded" in entry:
        return entry["exceeded"]["cpu"], True
    return _medians(entry["runs"])["cold"].cpu, False


def _ratio(own: tuple[float, bool], base: tuple[float, bool] | None) -> str:
    if base is None:
        return _MISSING
    (value, _), (other, more) = own, base
    if not other:
        return _MISSING
    written = f"{value / other:.2f}"
    return f"< {written}" if more else written


def growth(growth_: Mapping[str, Any]) -> dict[str, Any]:
    """Return the costs of each size, and the exponents of the two ways of building."""
    sizes = {int(size): _medians(runs) for size, runs in growth_["sizes"].items()}
    return {
        "sizes": dict(sorted(sizes.items())),
        "exponents": {
            phase: figures.exponent({size: costs[phase].cpu for size, costs in sizes.items()})
            for phase in ("cold", "warm")
        },
    }


def edits(edit: Mapping[str, Any]) -> dict[str, Any]:
    """Return the medians of the latencies."""
    return {
        "start": edit["start"],
        **{kind: _median(found) for kind, found in edit["seconds"].items() if found},
    }


def _median(found: list[float]) -> float:
    return figures.median([Cost(0, seconds, 0) for seconds in found]).wall


def _medians(runs: Mapping[str, list[Mapping[str, Any]]]) -> dict[str, Cost]:
    return {
        phase: figures.median([Cost(**cost) for cost in costs])
        for phase, costs in runs.items()
        if costs
    }


def _most_runs(data: Mapping[str, Any]) -> int:
    if "build" not in data:
        return 0
    return max(len(entry["runs"]["cold"]) for entry in data["build"]["contestants"].values())


def _versions(data: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in ("build", "book"):
        for entry in data.get(part, {}).get("contestants", {}).values():
            found.update(entry.get("versions", {}))
    if chromium := data.get("page", {}).get("chromium"):
        found["chromium"] = chromium
    return found


# --- how figures are written ------------------------------------------------------------------


def seconds(value: float) -> str:
    """Write seconds with as many digits as mean something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def megabytes(value: float) -> str:
    return f"{value / 1e6:.0f}"


def kilobytes(value: float) -> str:
    return f"{value / 1e3:.1f}" if value < 100_000 else f"{value / 1e3:.0f}"


def percent(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else _MISSING


def cell(text: str) -> str:
    """Write a text from elsewhere so that it stays in its cell and is taken literally."""
    return "`" + " ".join(text.replace("`", "'").replace("|", "¦").split()) + "`"
