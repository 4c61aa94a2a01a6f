"""Work that is shared out among copies of the process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import PROJECT

# In a process of its own: that of the tests has threads, and may not be copied.
_PROGRAM = """
import json, logging, os, signal, sys
from contextlib import closing
from pathlib import Path
from llmglossary import forked
from llmglossary.store import Store

folder, trouble = json.loads(sys.argv[1])
logging.getLogger("of.somebody").addHandler(logging.StreamHandler())
memory = {}
with closing(Store(Path(folder))) as store:
    def first(number, told):
        print("working", file=sys.stderr)
        if number == 4 and trouble == "error":
            raise ValueError(number)
        if number == 4 and trouble == "warning":
            logging.getLogger("of.somebody").warning("four")
        if number == 4 and trouble == "death":
            os.kill(os.getpid(), signal.SIGKILL)
        logging.getLogger("of.somebody").info("as usual")
        store.put(store.key(str(number)), os.getpid())
        memory[number] = told * number
        return memory[number]

    def second(number, told):
        return [memory[number], told, os.getpid()]

    assert forked.possible()
    copies = forked.Copies([[1, 2], [3, 4]], [first, second], store)
    copies.begin(10)
    found = [copies.collect()]
    by = [store.get(store.key(str(number))) for number in range(1, 5)]
    copies.begin("more")
    found.append(copies.collect())
    copies.end()
print(json.dumps([os.getpid(), found, by]))
"""


def shared_out(folder: Path, trouble: str = "") -> tuple[int, list[Any], list[int | None]]:
    """Return this process, what each step found in each item, and who did the first."""
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM, json.dumps([str(folder), trouble])],
        cwd=PROJECT / "hooks",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stderr == ""
    own, found, by = json.loads(result.stdout)
    return own, found, by


pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="processes are copied on Linux only"
)


def test_each_copy_takes_its_items_through_the_steps(tmp_path: Path) -> None:
    own, (first, second), by = shared_out(tmp_path)
    assert first == [[1, 10], [2, 20], [3, 30], [4, 40]]
    assert [[number, result[:2]] for number, result in second] == [
        [1, [10, "more"]],
        [2, [20, "more"]],
        [3, [30, "more"]],
        [4, [40, "more"]],
    ]
    one, other = by[0], by[2]
    assert by == [one, one, other, other]
    assert len({own, one, other}) == 3
    assert [result[2] for _, result in second] == by


@pytest.mark.parametrize("trouble", ["error", "warning"])
def test_what_fails_or_warns_is_left_and_nothing_else(tmp_path: Path, trouble: str) -> None:
    _, (first, _), _ = shared_out(tmp_path, trouble)
    assert first == [[1, 10], [2, 20], [3, 30], [4, None]]


def test_the_work_of_a_copy_that_dies_is_left(tmp_path: Path) -> None:
    _, (first, second), _ = shared_out(tmp_path, "death")
    assert first == [[1, 10], [2, 20], [3, None], [4, None]]
    assert [bool(result) for _, result in second] == [True, True, False, False]


def test_a_process_with_threads_is_not_copied() -> None:
    program = (
        "import threading; from llmglossary import forked; print(forked.possible());"
        "end = threading.Event(); threading.Thread(target=end.wait).start();"
        "print(forked.possible()); end.set()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT / "hooks",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stdout.split() == ["True", "False"]
