"""The folder that the site is written to, and what an earlier build left there.

Most edits leave nearly all pages as they are. A file may stay when the build before wrote it, it
has not been touched since, and it would be made from the same again.
"""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from .link import Target
from .store import Store


@dataclass(frozen=True)
class PageFacts:
    """What the rest of a site needs to know of a page that is not made again.

    Attributes:
        linked_from: Slugs of the pages that it shows as mentioning its concept.
        targets: What it links to itself.
        anchors: Ids in it.
        links: Source path of another page -> the anchors there that it links to, each with the
            link as written.
    """

    linked_from: frozenset[str]
    targets: tuple[Target, ...]
    anchors: frozenset[str]
    links: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Output:
    """A file of the site.

    Attributes:
        key: Covers all that it is made from.
        facts: If it is a page.
        stamp: Its size in bytes and the time it was written, in nanoseconds.
    """

    key: bytes
    facts: PageFacts | None = None
    stamp: tuple[int, int] = field(default=(0, 0))


class SiteFolder:
    """The folder of one site, while it is built.

    Args:
        root: The folder. It need not exist.
        store: Remembers what was written to it.
    """

    def __init__(self, root: Path, store: Store) -> None:
        self._root = root
        self._store = store
        self._record = store.key("site folder", str(root.absolute()))
        found = store.get(self._record)
        self._before: dict[str, Output] = found if isinstance(found, dict) else {}
        self._intact = {
            path: output
            for path, output in self._before.items()
            if _stamp(root / path) == output.stamp
        }
        self._now: dict[str, Output] = {}

    def clean(self) -> None:
        """Delete what no earlier build wrote, or somebody changed since; hidden files stay."""
        staying = {str(self._root / path) for path in self._intact}
        with suppress(FileNotFoundError):
            for entry in os.scandir(self._root):
                if not entry.name.startswith("."):
                    _delete(entry, staying)

    def held(self, path: str, key: bytes) -> Output | None:
        """Return what is known of a file that the build before made from the same."""
        output = self._intact.get(path)
        return output if output and output.key == key else None

    def record(self, path: str, output: Output) -> None:
        """Say that a file belongs to the site of this build: written by it, or left."""
        self._now[path] = output

    def finish(self, *, reliable: bool) -> None:
        """Delete what earlier builds left and this one does not have, and take the rest down.

        Args:
            reliable: Whether the next build may rely on what this one wrote.
        """
        for path in self._intact.keys() - self._now.keys():
            file = self._root / path
            if _stamp(file) != self._intact[path].stamp:
                continue  # written anew, though by nobody who says so, such as a redirect
            file.unlink(missing_ok=True)
            with suppress(OSError):  # until one is not empty
                for folder in file.parents:
                    folder.rmdir()
        if reliable:
            stamped = {
                path: replace(output, stamp=stamp)
                for path, output in self._now.items()
                if (stamp := _stamp(self._root / path))
            }
            self._store.put(self._record, stamped)
            self._store.flush()


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _delete(entry: os.DirEntry[str], staying: Container[str]) -> None:
    """Delete a file, or a folder with all in it, but not what is `staying`."""
    if not entry.is_dir(follow_symlinks=False):
        if entry.path not in staying:
            os.unlink(entry.path)  # noqa: PTH108 - a path object for each of thousands takes longer
        return
    for inner in os.scandir(entry.path):
        _delete(inner, staying)
    with suppress(OSError):  # not empty
        os.rmdir(entry.path)  # noqa: PTH106
