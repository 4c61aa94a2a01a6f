"""Our own project with generated content, laid out once for all parts."""

from __future__ import annotations

import compileall
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import synthetic
from llmglossary import vendor

from .content import Content
from .contestants import CONTESTANTS
from .process import FailedError, run
from .settings import PROJECT, Settings

_SOURCES = (
    "docs",
    "hooks",
    "overrides",
    "mkdocs.yml",
    "pyproject.toml",
    "tests/fixture",
    "tests/synthetic.py",
)


def content(settings: Settings) -> Content:
    """Return the generated project; make it anew if it is not of what the project is now."""
    return sized(settings.work / "ours", settings.concepts, small=settings.small)


def sized(root: Path, concepts: int, *, small: bool = False) -> Content:
    """Return a generated project with `concepts` concepts, as `content` does."""
    stamp = root.with_name(f"{root.name}.stamp")
    wanted = _fingerprint()
    if not stamp.is_file() or stamp.read_text("ascii") != wanted:
        stamp.unlink(missing_ok=True)
        _generate(root, concepts, small=small)
        stamp.write_text(wanted, "ascii")
    return Content(root)


def built(settings: Settings) -> Content:
    """Return the generated project with its site built, and everything kept that a build keeps.

    Raises:
        FailedError: It cannot be built.
    """
    made = content(settings)
    own = CONTESTANTS[0]
    for step in own.lay_out(made, made.root, own.programs(settings.cache)).steps:
        run(step)
    return made


def _generate(root: Path, concepts: int, *, small: bool) -> None:
    """Lay out our own project anew, with `concepts` concepts; `small`: with the tests' few."""
    shutil.rmtree(root, ignore_errors=True)
    if small:
        synthetic.small(root)
    else:
        synthetic.generate(root, concepts)
    try:
        vendor.ensure(root / "docs/assets/vendor")
    except vendor.VendorError as error:
        raise FailedError(str(error)) from error
    # As programs that pip installs are.
    compileall.compile_dir(str(root / "hooks"), quiet=2)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(_files()):
        digest.update(f"{path.relative_to(PROJECT)}\n".encode())
        # What the page of results says is no reason to generate anew.
        if not path.name.startswith("benchmarks."):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for source in _SOURCES:
        path = PROJECT / source
        below = path.rglob("*") if path.is_dir() else [path]
        yield from (file for file in below if file.is_file() and file.suffix != ".pyc")
