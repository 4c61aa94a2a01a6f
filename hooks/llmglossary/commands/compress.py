"""``cli.py compress``."""

from __future__ import annotations

import argparse
import sys

from tqdm import tqdm

from .. import compress
from .outcome import CLEAN, UsageError


def run(arguments: argparse.Namespace) -> int:
    """Write compressed twins of the files of a built site."""
    site = arguments.site or arguments.root / "site"
    if not site.is_dir():
        raise UsageError(f"{site} is not there: build the site first, with make site")
    with tqdm(desc="files", leave=False, delay=1, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        saved = compress.compress(site, cache=arguments.root / ".cache", on_progress=show)
    sizes = ", ".join(f"{size:,} {suffix}" for suffix, size in saved.compressed.items())
    sys.stdout.write(f"{saved.files} files, {saved.plain:,} bytes: {sizes}\n")
    return CLEAN
