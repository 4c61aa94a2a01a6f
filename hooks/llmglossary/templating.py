"""Jinja as the build uses it: pages that are rendered once, templates that are found quickly."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, Template

from .store import Store, fingerprint

# A context with this variable, a `Kept`, says where its page is kept.
KEPT = "kept"
# Pages shrink to a fifth at the fastest level; higher ones cost more than they save.
_LEVEL = 1
_LIBRARIES = ("jinja2", "mkdocs", "mkdocs-material", "mkdocs-static-i18n")


class Kept(NamedTuple):
    """Where a finished page is kept.

    Attributes:
        store: Holds pages of earlier builds.
        key: Covers all that the template takes from the context.
    """

    store: Store
    key: bytes


class _Template(Template):
    """A template that takes a page from the store instead of rendering it again."""

    def render(self, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
        kept = args[0].get(KEPT) if args else None
        if not isinstance(kept, Kept):
            return super().render(*args, **kwargs)
        found = kept.store.get(kept.key)
        if isinstance(found, bytes):
            return zlib.decompress(found).decode()
        page = super().render(*args, **kwargs)
        kept.store.put(kept.key, zlib.compress(page.encode(), _LEVEL))
        return page


class _Loader(FileSystemLoader):
    """Finds templates; lists no hidden folders, where Material has ten thousand icons."""

    def list_templates(self) -> list[str]:
        found: set[str] = set()
        for folder in self.searchpath:
            for top, folders, names in os.walk(folder):
                folders[:] = [name for name in folders if not name.startswith(".")]
                inside = Path(top).relative_to(folder)
                found.update((inside / name).as_posix() for name in names)
        return sorted(found)


def prepare(env: Environment, folders: Iterable[str], cache: Path) -> Environment:
    """Make an environment keep pages, and templates as bytecode.

    Args:
        env: As the theme makes it.
        folders: With templates; the first that has one wins.
        cache: Where bytecode is kept, in ``templates/``.
    """
    compiled = cache / "templates"
    compiled.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    env.loader = _Loader(list(folders))
    env.template_class = _Template
    return env


def digest(overrides: Path) -> bytes:
    """Return a digest of all templates: those in `overrides`, and the theme by its version."""
    files = (path for path in overrides.rglob("*") if path.is_file())
    return fingerprint(_LIBRARIES, overrides, files)
