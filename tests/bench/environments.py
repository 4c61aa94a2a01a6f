"""Virtual environments for the others: exactly what ``requirements/`` lists, each its own."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .process import Step, run

_REQUIREMENTS = Path(__file__).parent / "requirements"


def environment(name: str, cache: Path) -> Path:
    """Return the programs of a virtual environment that holds what ``requirements/`` lists.

    Raises:
        FailedError: It cannot be made.
    """
    requirements = _REQUIREMENTS / f"{name}.txt"
    folder = cache / "environments" / name
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    stamp = folder / "complete"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text("ascii") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        run(Step([sys.executable, "-m", "venv", folder], folder.parent))
        pip: list[str | Path] = [programs / "python", "-m", "pip", "install", "--quiet"]
        quiet = ["--disable-pip-version-check", "--require-hashes", "--no-warn-script-location"]
        run(Step([*pip, *quiet, "-r", requirements], folder.parent))
        stamp.write_text(wanted, "ascii")
    return programs


def versions(packages: Sequence[str], programs: Path) -> dict[str, str]:
    """Return the versions of installed packages."""
    script = "import importlib.metadata as m, sys; [print(m.version(p)) for p in sys.argv[1:]]"
    done = subprocess.run(
        [programs / "python", "-c", script, *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(zip(packages, done.stdout.split(), strict=False))
