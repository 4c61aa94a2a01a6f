"""How long ``cli.py check`` takes, with nothing kept and with everything."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tqdm import tqdm

from . import ours
from .contestants import PHASES
from .process import Step, run
from .settings import Settings


def measure(settings: Settings, save: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Check the glossary, first as after cloning, then again."""
    content = ours.content(settings)
    step = Step([sys.executable, "hooks/cli.py", "--root", content.root, "check"], content.root)
    runs: dict[str, list[Any]] = {phase: [] for phase in PHASES}
    results = {"concepts": len(content.slugs), "runs": runs}
    with tqdm(total=settings.runs * len(PHASES), desc="checks", disable=None) as bar:
        for _ in range(settings.runs):
            shutil.rmtree(content.root / ".cache", ignore_errors=True)
            for phase in PHASES:
                runs[phase].append(asdict(run(step)))
                bar.update()
            save(results)
    return results
