"""Work shared out among processes that begin as copies of this one.

A copy knows all that this process knew at that moment and nothing that it learned since, unless
it is told. It works while this process works on something else.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from .store import Store

Item = TypeVar("Item")

Step = Callable[[Item, Any], object]

_THREADS = Path("/proc/self/task")


def possible() -> bool:
    """Tell whether this process may be copied: a copy of one with threads may hang."""
    with suppress(OSError):
        return sys.platform == "linux" and len(os.listdir(_THREADS)) == 1  # noqa: PTH208 - no paths wanted
    return False


@dataclass(frozen=True)
class _Copy(Generic[Item]):
    items: Sequence[Item]
    process: BaseProcess
    connection: Connection


class Copies(Generic[Item]):
    """Copies of this process, each with items of its own that it takes through the same steps.

    Args:
        shares: The items of each copy.
        steps: What to do with an item, given what `begin` was told. A step may rely on what the
            one before left in memory. What it returns must not be None, and goes through pickle.
        store: What the steps use. Each copy opens it anew.
    """

    def __init__(
        self, shares: Sequence[Sequence[Item]], steps: Sequence[Step[Item]], store: Store
    ) -> None:
        store.flush()
        # Objects that are never collected stay shared between the processes. They stay frozen:
        # the next copies want them so.
        gc.freeze()
        self._copies = [_started(items, steps, store) for items in shares]

    @property
    def items(self) -> list[Item]:
        """What is left to the copies."""
        return [item for copy in self._copies for item in copy.items]

    def begin(self, told: object) -> None:
        """Let all copies take the next step, and return at once."""
        for copy in self._copies:
            with suppress(OSError):  # the copy is gone: `collect` finds that nothing was done
                copy.connection.send(told)

    def collect(self) -> list[tuple[Item, Any]]:
        """Wait until the step is done, and return what it made of each item.

        None for an item whose work failed or logged a warning, without a word said about it: do
        it again here, where it is said.
        """
        found: list[tuple[Item, Any]] = []
        for copy in self._copies:
            try:
                results = copy.connection.recv()
            except (EOFError, OSError):  # killed, perhaps for want of memory
                results = [None] * len(copy.items)
            found += zip(copy.items, results, strict=True)
        return found

    def end(self) -> None:
        """Let the copies go."""
        for copy in self._copies:
            copy.connection.close()
            copy.process.join()


def _started(items: Sequence[Item], steps: Sequence[Step[Item]], store: Store) -> _Copy[Item]:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(items, steps, store, there, here), daemon=True)
    process.start()
    there.close()
    return _Copy(items, process, here)


def _work(
    items: Sequence[Item],
    steps: Sequence[Step[Item]],
    store: Store,
    connection: Connection,
    of_parent: Connection,
) -> None:
    of_parent.close()
    warnings = _listen()
    with open(os.devnull, "w") as nothing:  # noqa: PTH123 - written to by nobody
        sys.stdout = sys.stderr = nothing
        store.reopen()
        with suppress(EOFError, OSError):  # the parent has ended, or wants no more
            for step in steps:
                told = connection.recv()
                results = [_taken(step, item, told, warnings) for item in items]
                store.flush()
                connection.send(results)
        store.close()


def _taken(step: Step[Item], item: Item, told: object, warnings: _Warnings) -> object:
    before = warnings.count
    try:
        result = step(item, told)
    except Exception:  # noqa: BLE001 - the parent meets the same, and reports it
        return None
    return result if warnings.count == before else None


class _Warnings(logging.Handler):
    """Counts what is logged, and shows nothing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self.count += 1


def _listen() -> _Warnings:
    warnings = _Warnings()
    loggers = map(logging.getLogger, logging.Logger.manager.loggerDict)
    for logger in (*loggers, logging.getLogger()):
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger().addHandler(warnings)
    return warnings
