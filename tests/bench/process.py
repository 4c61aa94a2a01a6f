"""Run a command and take down what it costs, with everything that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .figures import Cost

_INTERVAL = 0.05
_LAST_LINES = 2


class FailedError(Exception):
    """A command did not succeed; the message is the end of what it said."""


class TimeLimitError(Exception):
    """A command took longer than it may.

    Attributes:
        cpu: Seconds that it had used by then.
    """

    def __init__(self, cpu: float) -> None:
        super().__init__(f"stopped after {cpu:.0f} s of CPU time")
        self.cpu = cpu


@dataclass(frozen=True)
class Step:
    """A command, where it runs, and what its environment has on top of ours."""

    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def run(step: Step, limit: float | None = None) -> Cost:
    """Run a command to its end.

    Memory is what the kernel attributes to each process (shared pages in parts), summed over the
    tree, looked at 20 times a second. Elsewhere than on Linux it is that of the largest process.

    Args:
        step: What to run.
        limit: Seconds after which it is stopped.

    Raises:
        FailedError: It ended with a status other than 0, or could not be started.
        TimeLimitError: It ran into the limit.
    """
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        try:
            process = start(step, output.fileno())
        except OSError as error:
            raise FailedError(f"{error.filename}: {error.strerror}") from error
        watch = _Watch(process.pid, limit)
        watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            stop(process)
            raise
        finally:
            watch.done.set()
            watch.join()
        wall = time.perf_counter() - begin
        # Popen shall not wait for it again.
        process.returncode = os.waitstatus_to_exitcode(status)
        if watch.expired:
            raise TimeLimitError(usage.ru_utime + usage.ru_stime)
        if process.returncode:
            output.seek(0)
            raise FailedError(_reason(output.read().decode(errors="replace"), process.returncode))
    memory = watch.peak or usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(usage.ru_utime + usage.ru_stime, wall, memory)


def start(step: Step, output: int) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own; it writes into the file `output`."""
    return subprocess.Popen(
        [str(part) for part in step.command],
        cwd=step.folder,
        env={**os.environ, **step.environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        process.wait()


def _reason(output: str, status: int) -> str:
    # Without the marks below the lines of a traceback.
    lines = [line.strip() for line in output.replace("\r", "\n").splitlines() if line.strip(" ^~")]
    # What it stopped with comes last.
    return "; ".join(lines[-_LAST_LINES:])[-300:] or f"exit status {status}"


class _Watch(threading.Thread):
    """Takes down the memory of a process tree, and stops it at the limit."""

    def __init__(self, pid: int, limit: float | None) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.peak = 0
        self.expired = False
        self._pid = pid
        self._deadline = time.monotonic() + limit if limit else None

    def run(self) -> None:
        while not self.done.wait(_INTERVAL):
            self.peak = max(self.peak, memory(self._pid))
            if self._deadline and time.monotonic() > self._deadline:
                self.expired = True
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._pid, signal.SIGKILL)
                return


def memory(pid: int) -> int:
    """Return the bytes of memory of a process and all below it; 0 where there is no Linux."""
    return sum(map(_of_process, _tree(pid)))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*"):
        # It may end while we look.
        with suppress(OSError):
            for child in (task / "children").read_text("ascii").split():
                yield from _tree(int(child))


def _of_process(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
