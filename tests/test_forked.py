"""Work that is shared out among copies of the process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT

# In a process of its own: that of the tests has threads, and may not be copied.
_PROGRAM = """
import json, os, sys, threading
from contextlib import closing
from pathlib import Path
from llmglossary import forked
from llmglossary.store import Store

folder, processes, failing, threads = json.loads(sys.argv[1])
end = threading.Event()
for _ in range(threads):
    threading.Thread(target=end.wait).start()
with closing(Store(Path(folder))) as store:
    def work(number):
        print("working")
        if number == failing:
            raise ValueError(number)
        store.put(store.key(str(number)), os.getpid())
    forked.work_ahead(range(10), work, store, processes)
    by = [store.get(store.key(str(number))) for number in range(10)]
end.set()
print(json.dumps([os.getpid(), by]))
"""


def worked_by(
    folder: Path, processes: int, *, failing: int | None = None, threads: int = 0
) -> tuple[int, list[int | None]]:
    """Return the process that had ten pieces of work, and the one that did each."""
    arguments = json.dumps([str(folder), processes, failing, threads])
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM, arguments],
        cwd=PROJECT / "hooks",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stderr == ""
    own, by = json.loads(result.stdout)
    return own, by


linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")


@linux
def test_all_work_is_done_by_others(tmp_path: Path) -> None:
    own, by = worked_by(tmp_path, 3)
    assert len(set(by)) == 3
    assert {None, own}.isdisjoint(by)


@linux
def test_what_fails_is_left_and_nothing_else(tmp_path: Path) -> None:
    _, by = worked_by(tmp_path, 2, failing=4)
    assert [number for number, process in enumerate(by) if process is None] == [4]


def test_a_process_with_threads_is_not_copied(tmp_path: Path) -> None:
    assert set(worked_by(tmp_path, 2, threads=1)[1]) == {None}


def test_one_process_does_nothing_ahead(tmp_path: Path) -> None:
    assert set(worked_by(tmp_path, 1)[1]) == {None}
