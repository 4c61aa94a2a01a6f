"""Work shared out among processes that begin as copies of this one.

What they find is lost with them unless it is stored. So they do ahead what this process then
does anyway, and finds done.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from .store import Store

Item = TypeVar("Item")

_THREADS = Path("/proc/self/task")


def possible() -> bool:
    """Tell whether this process may be copied: a copy of one with threads may hang."""
    with suppress(OSError):
        return sys.platform == "linux" and len(os.listdir(_THREADS)) == 1  # noqa: PTH208 - no paths wanted
    return False


def work_ahead(
    items: Sequence[Item], work: Callable[[Item], object], store: Store, processes: int
) -> None:
    """Do `work` for each of `items`, for what it leaves in `store`.

    Returns when all is done. An item whose work fails is left to the caller, who meets the same
    error; nothing is logged or shown.

    Args:
        items: Dealt out in turn, so neighbours should be about equally hard.
        work: What to do; changes to this process's memory that it makes are lost.
        store: What `work` uses. Each process opens it anew.
        processes: How many to start; with fewer than two, nothing is done.
    """
    if processes < 2 or not possible():  # noqa: PLR2004 - one is this process
        return
    store.flush()
    context = multiprocessing.get_context("fork")
    # Objects that are never collected stay shared between the processes.
    gc.freeze()
    started = [
        context.Process(target=_work, args=(items[first::processes], work, store), daemon=True)
        for first in range(processes)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join()
    gc.unfreeze()


def _work(items: Sequence[Item], work: Callable[[Item], object], store: Store) -> None:
    logging.disable(logging.CRITICAL)
    with open(os.devnull, "w") as nothing:  # noqa: PTH123 - written to by nobody
        sys.stdout = sys.stderr = nothing
        store.reopen()
        for item in items:
            with suppress(Exception):
                work(item)
        store.close()
