"""How long building takes: ours and the others, from nothing and after an edit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from . import figures, ours
from .contestants import CONTESTANTS, PHASES, Contestant, Phase
from .environments import versions
from .figures import Cost
from .layouts import Project
from .process import FailedError, TimeLimitError, run
from .settings import Settings


def measure(settings: Settings, save: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Build everything in turns, so that all meet the same disturbances.

    Args:
        settings: What to measure.
        save: Called with the results after every round.
    """
    content = ours.content(settings)
    entries: dict[str, dict[str, Any]] = {}
    results = {"concepts": len(content.slugs), "limit": settings.limit, "contestants": entries}
    projects: dict[str, Project] = {}
    for contestant in tqdm(settings.contestants, desc="setting up", leave=False, disable=None):
        entry = entries[contestant.name] = {"runs": {phase: [] for phase in PHASES}}
        folder = settings.work / contestant.name
        try:
            programs = contestant.programs(settings.cache)
            if not contestant.own:
                shutil.rmtree(folder, ignore_errors=True)
            project = contestant.lay_out(content, folder, programs)
        except FailedError as error:
            entry["failed"] = str(error)
            continue
        projects[contestant.name] = project
        entry["versions"] = versions(contestant.packages, programs)
        entry["site"] = str(project.site.relative_to(settings.work))
        entry["pages"] = dict(project.pages)
        entry["search"] = {key: list(value) for key, value in project.search.items()}
    with tqdm(total=settings.runs * len(projects), desc="builds", disable=None) as bar:
        for number in range(settings.runs):
            for contestant in settings.contestants:
                if contestant.name in projects:
                    bar.set_postfix_str(contestant.title)
                    entry, project = entries[contestant.name], projects[contestant.name]
                    if not _round(contestant, project, entry, number, settings.limit):
                        del projects[contestant.name]
                    bar.update()
            save(results)
    return results


def _round(
    contestant: Contestant, project: Project, entry: dict[str, Any], number: int, limit: float
) -> bool:
    """Build once from nothing, and once more after an edit; return whether that was possible."""
    for phase in PHASES if contestant.keeps else PHASES[:1]:
        try:
            cost = build(project, phase, number, None if contestant.own else limit)
        except TimeLimitError as error:
            entry["exceeded"] = {"cpu": error.cpu, "wall": limit}
            return False
        except FailedError as error:
            entry["failed"] = str(error)
            return False
        entry["runs"][phase].append(asdict(cost))
    return True


def build(project: Project, phase: Phase, number: int, limit: float | None = None) -> Cost:
    """Build a project from nothing, or after a sentence was added to an article.

    Args:
        project: What to build.
        phase: Which of the two.
        number: Of the sentence.
        limit: Seconds that each step may take.
    """
    if phase == "cold":
        for path in project.leftovers:
            shutil.rmtree(path, ignore_errors=True)
    else:
        add_sentence(project.article, f"第 {number + 1} 次改动。")
    return figures.total([run(step, limit) for step in project.steps])


def add_sentence(article: Path, sentence: str) -> None:
    text = article.read_text("utf-8").rstrip("\n")
    article.write_text(f"{text}\n\n{sentence}\n", "utf-8")


def growth(settings: Settings, save: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Build ours at several sizes."""
    sizes: dict[str, Any] = {}
    contestant = CONTESTANTS[0]
    programs = contestant.programs(settings.cache)
    for wanted in tqdm(settings.sizes, desc="sizes", disable=None):
        content = ours.sized(settings.cache / "growth" / str(wanted), wanted)
        project = contestant.lay_out(content, content.root, programs)
        runs: dict[str, list[Any]] = {phase: [] for phase in PHASES}
        for number in range(settings.runs):
            for phase in PHASES:
                runs[phase].append(asdict(build(project, phase, number)))
        # If there are more real concepts than are wanted, they are all there.
        sizes[str(len(content.slugs))] = runs
        save({"sizes": sizes})
    return {"sizes": sizes}
