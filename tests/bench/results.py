"""What was measured, kept as one JSON file a part, so that parts can be run on their own."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

PARTS = ("build", "growth", "page", "search", "edit", "check", "book")


@dataclass(frozen=True)
class Results:
    """The folder that holds the results of one size."""

    folder: Path

    def save(self, part: str, data: dict[str, Any]) -> None:
        """Keep what a part has measured, with the day and the machine."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{part}.json"
        partial = file.with_suffix(".part")
        whole = {"date": f"{date.today()}", "machine": machine(), "data": data}  # noqa: DTZ011 - the measurer's own day
        partial.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
        partial.replace(file)

    def part(self, part: str) -> dict[str, Any] | None:
        """Return what was kept of a part, if it was measured on this machine."""
        try:
            whole = json.loads((self.folder / f"{part}.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        return whole if whole["machine"] == machine() else None

    def parts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for part in PARTS:
            if whole := self.part(part):
                yield part, whole

    def foreign(self) -> list[str]:
        """Return the parts that were measured on another machine, and so do not count."""
        return [
            part
            for part in PARTS
            if (self.folder / f"{part}.json").is_file() and self.part(part) is None
        ]


def machine() -> dict[str, Any]:
    """Return what results depend on and cannot be changed by a setting."""
    return {
        "cpu": _processor(),
        "cores": _cores(),
        "memory": _memory(),
        "system": _system(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    """Return the bytes of memory; 0 where it is not known."""
    if sys.platform == "win32":
        return 0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _system() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{platform.system()} {platform.release()}"
