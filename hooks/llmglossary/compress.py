"""Compressed twins of a built site's files, for servers that send them as they are.

nginx (``brotli_static``, ``gzip_static``), Caddy (``precompressed``) and others send
``index.html.br`` where a browser asks for ``index.html`` and reads Brotli. Compressing once, and
hard, beats what a server can afford on every request.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import brotli

TYPES = frozenset({".css", ".html", ".js", ".json", ".map", ".svg", ".txt", ".xml"})
SMALLEST = 1024  # of less a server saves no packet
# Of 11, 10 saves two thirds for half the time; 9 is hardly quicker.
_QUALITY = 10
_METHODS: Mapping[str, Callable[[bytes], bytes]] = {
    ".br": lambda data: brotli.compress(data, mode=brotli.MODE_TEXT, quality=_QUALITY),
    # Without the time: the same file gives the same bytes.
    ".gz": lambda data: gzip.compress(data, compresslevel=9, mtime=0),
}
_CACHE = f"brotli-{brotli.version}-{_QUALITY}"  # another version may give other bytes


@dataclass(frozen=True)
class Saving:
    """How many files have twins, and their bytes: plain and in each way of compressing."""

    files: int
    plain: int
    compressed: Mapping[str, int]


def compress(
    site: Path,
    *,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Saving:
    """Write ``.br`` and ``.gz`` beside every file of a site that is worth it; delete stale ones.

    Args:
        site: The built site.
        cache: A folder below which compressed files are kept, in ``compressed/``; what this run
            does not need is deleted from it.
        on_progress: Called with the number of files done, and of all.
    """
    files = sorted(
        path
        for path in site.rglob("*")
        if path.suffix in TYPES and path.is_file() and path.stat().st_size >= SMALLEST
    )
    _delete_stale(site, {f"{path}{suffix}" for path in files for suffix in _METHODS})
    store = cache / "compressed" / _CACHE if cache else None
    if store:
        store.mkdir(parents=True, exist_ok=True)
    plain, compressed, kept = 0, dict.fromkeys(_METHODS, 0), set()
    # Threads: both libraries compress without holding the interpreter's lock.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for done, (size, key, sizes) in enumerate(
            threads.map(lambda path: _twins(path, store), files), 1
        ):
            plain += size
            kept.add(key)
            for suffix, bytes_ in sizes.items():
                compressed[suffix] += bytes_
            if on_progress:
                on_progress(done, len(files))
    if store:
        for old in store.iterdir():
            if old.stem not in kept:
                old.unlink(missing_ok=True)
    return Saving(len(files), plain, compressed)


def _twins(path: Path, store: Path | None) -> tuple[int, str, dict[str, int]]:
    """Write the twins of one file; return its size, the key it is kept under, theirs."""
    data = path.read_bytes()
    key = hashlib.sha256(data).hexdigest()
    sizes = {}
    for suffix, method in _METHODS.items():
        file = store / f"{key}{suffix}" if store else None
        if file and file.is_file():
            twin = file.read_bytes()
        else:
            twin = method(data)
            if file:
                _write(file, twin)
        Path(f"{path}{suffix}").write_bytes(twin)
        sizes[suffix] = len(twin)
    return len(data), key, sizes


def _write(file: Path, data: bytes) -> None:
    # Never half a file under the final name, should the run be stopped.
    partial = file.with_name(f"{file.name}.part")
    partial.write_bytes(data)
    partial.replace(file)


def _delete_stale(site: Path, wanted: set[str]) -> None:
    """Delete twins of files that have gone or become small; a download such as x.tar.gz stays."""
    for suffix in _METHODS:
        for twin in site.rglob(f"*{suffix}"):
            if Path(twin.stem).suffix in TYPES and str(twin) not in wanted:
                twin.unlink()
