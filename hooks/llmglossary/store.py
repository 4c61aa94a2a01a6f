"""Keeps results between runs, each under a key that covers everything it was made from.

One SQLite file, which several processes may use at once. Losing it costs time and nothing
else: a store that cannot be opened, read or written behaves as an empty one.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import platform
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar, cast

Value = TypeVar("Value")

FILE = "results.sqlite"
# What is stored depends on these besides the package's own code.
_LIBRARIES = (
    "autocorrect-py",
    "markdown",
    "markdown-it-py",
    "math-core",
    "mdit-py-plugins",
    "merman",
    "mkdocs",
    "opencc",
    "pybtex",
    "pydantic",
    "pygments",
    "pymdown-extensions",
    "rumdl",
)
_DAY = 86_400
_UNUSED_DAYS = 14
_MAX_WAITING = 4_000_000  # bytes
_TOGETHER = 500  # keys in one query
_SCHEMA = """
create table if not exists result
    (key blob primary key, value blob not null, used integer not null) without rowid;
-- What is old is looked for whenever a store is opened.
create index if not exists result_used on result (used);
"""


class StoreError(Exception):
    """Results that cannot be taken over; the message says why."""


def program() -> bytes:
    """Return a digest of this package's code and of the libraries that results depend on."""
    package = Path(__file__).parent
    code = (path for path in package.rglob("*") if path.suffix in {".py", ".yml"})
    return fingerprint(_LIBRARIES, package, code)


def fingerprint(libraries: Iterable[str], folder: Path, files: Iterable[Path]) -> bytes:
    """Return a digest of the versions of libraries, and of files and their places in a folder."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in libraries:
        with contextlib.suppress(PackageNotFoundError):
            digest.update(f"{name}=={version(name)}\n".encode())
    for path in sorted(files):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.digest()


class Store:
    """Results by key, on disk; those that nobody used for two weeks are dropped.

    Close it: what was stored last is written then.

    Args:
        folder: Where the file lies; None keeps nothing.

    Attributes:
        folder: The same.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._program = program() if folder else b""
        self._waiting: dict[bytes, bytes] = {}
        self._bytes = 0  # of those
        self._used: set[bytes] = set()
        self._today = int(time.time()) // _DAY
        self._connection = _open(folder / FILE) if folder else None
        if self._connection:
            with contextlib.suppress(sqlite3.Error), self._connection:
                self._connection.execute(
                    "delete from result where used < ?", (self._today - _UNUSED_DAYS,)
                )

    def key(self, *parts: str | bytes) -> bytes:
        """Return the key of a result made from `parts`, in this order, by the present program."""
        digest = hashlib.sha256(self._program)
        for part in parts:
            data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.digest()

    def get(self, key: bytes) -> object | None:
        """Return what is stored under `key`; None where nothing is."""
        data = self._waiting.get(key)
        if data is None and self._connection:
            with contextlib.suppress(sqlite3.Error):
                row = self._connection.execute(
                    "select value, used from result where key = ?", (key,)
                ).fetchone()
                if row:
                    data = row[0]
                    if row[1] != self._today:
                        self._used.add(key)
        if data is None:
            return None
        try:
            return cast("object", pickle.loads(data))  # noqa: S301 - written by this program
        except Exception:  # noqa: BLE001 - a damaged entry is a missing one
            return None

    def held(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return those of `keys` under which something is stored."""
        wanted = list(keys)
        held = {key for key in wanted if key in self._waiting}
        if self._connection:
            with contextlib.suppress(sqlite3.Error):
                for start in range(0, len(wanted), _TOGETHER):
                    some = wanted[start : start + _TOGETHER]
                    marks = ", ".join("?" * len(some))
                    query = f"select key from result where key in ({marks})"  # noqa: S608
                    held.update(key for (key,) in self._connection.execute(query, some))
        return held

    def put(self, key: bytes, value: object) -> None:
        """Store `value`, which must not be None, under `key`."""
        if self._connection:
            data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
            self._waiting[key] = data
            self._bytes += len(data)
            if self._bytes > _MAX_WAITING:
                self.flush()

    def remember(self, key: bytes, make: Callable[[], Value]) -> Value:
        """Return what is stored under `key`; if there is nothing, make and store it."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return cast("Value", found)

    def remember_each(
        self,
        name: str,
        keys: Sequence[bytes],
        make: Callable[[Sequence[int]], Mapping[int, Value]],
    ) -> list[Value | None]:
        """Return many small results that are always wanted together, kept as one.

        Args:
            name: Of the lot. What is not among `keys` any more is forgotten.
            keys: One for each result.
            make: From places in `keys` to the results that could be made for them.

        Returns:
            A result for each key; None where none could be made.
        """
        lot = self.key("lot", name)
        found = self.get(lot)
        known: dict[bytes, Value] = found if isinstance(found, dict) else {}
        missing = [place for place, key in enumerate(keys) if key not in known]
        if missing:
            made = make(missing)
            known |= {keys[place]: value for place, value in made.items()}
            self.put(lot, {key: known[key] for key in keys if key in known})
        return [known.get(key) for key in keys]

    def absorb(self, other: Path) -> int:
        """Take over the results that another store holds and this one does not.

        Args:
            other: The folder of that store, such as the one another job of a build wrote.

        Returns:
            How many results were taken over.

        Raises:
            StoreError: There is no store in `other`, or it cannot be read.
        """
        self.flush()
        if self._connection is None:
            raise StoreError(f"no results can be kept in {self.folder}")
        if not (other / FILE).is_file():
            raise StoreError(f"there are no results in {other}")
        before = self._connection.total_changes
        try:
            self._connection.execute("attach ? as other", (str(other / FILE),))
            with self._connection:
                self._connection.execute("insert or ignore into result select * from other.result")
            self._connection.execute("detach other")
        except sqlite3.Error as error:
            raise StoreError(f"the results in {other} cannot be read: {error}") from error
        return self._connection.total_changes - before

    def reopen(self) -> None:
        """Open the file anew, in a process that has begun as a copy of another."""
        # The copied connection is the other's; closing it, even by forgetting it, may disturb that.
        self._inherited = self._connection
        self._waiting, self._bytes, self._used = {}, 0, set()
        self._connection = _open(self.folder / FILE) if self.folder else None

    def flush(self) -> None:
        """Write what was put so far."""
        if self._connection is None:
            return
        with contextlib.suppress(sqlite3.Error), self._connection:
            self._connection.executemany(
                "insert or replace into result values (?, ?, ?)",
                ((key, value, self._today) for key, value in self._waiting.items()),
            )
            self._connection.executemany(
                "update result set used = ? where key = ?",
                ((self._today, key) for key in self._used),
            )
        self._waiting.clear()
        self._bytes = 0
        self._used.clear()

    def close(self) -> None:
        """Write what was put, and close the file."""
        self.flush()
        if self._connection:
            self._connection.close()
        self._connection = None


def _open(path: Path) -> sqlite3.Connection | None:
    for attempt in _attempts(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(attempt, timeout=30)
            # Readers do not wait for a writer, and a write need not survive a power cut.
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = off")
            connection.executescript(_SCHEMA)
            connection.execute("select 1 from result limit 1").fetchone()
        except (OSError, sqlite3.Error):
            continue
        return connection
    return None


def _attempts(path: Path) -> Iterator[Path]:
    yield path
    # Damaged: begin anew.
    with contextlib.suppress(OSError):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    yield path
