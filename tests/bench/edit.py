"""How long it takes from saving a file until `make serve` shows the change."""

from __future__ import annotations

import http.client
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import yaml
from tqdm import tqdm

from . import ours
from .build import add_sentence
from .process import FailedError, Step, start, stop
from .settings import Settings

_PATIENCE = 600  # seconds that anything may take
_INTERVAL = 0.01


def measure(settings: Settings, save: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Edit an article, then the names of a concept, while the site is served.

    Raises:
        FailedError: The server ended, or what was written never appeared.
    """
    content = ours.built(settings)
    article = next(iter(content.root.glob("docs/terms/*/index.zh.md")))
    record = article.with_name("term.yml")
    page = f"terms/{article.parent.name}/"
    before = {file: file.read_bytes() for file in (article, record)}
    seconds: dict[str, list[float]] = {"article": [], "names": []}
    results = {"concepts": len(content.slugs), "seconds": seconds}
    try:
        begin = time.perf_counter()
        with _server(content.root) as server:
            server.wait_for("", b"</html>")
            results["start"] = time.perf_counter() - begin
            with tqdm(total=2 * settings.runs, desc="edits", disable=None) as bar:
                for _ in range(settings.runs):
                    sentence = f"改动于 {time.time_ns()}。"
                    add_sentence(article, sentence)
                    seconds["article"].append(server.wait_for(page, sentence.encode()))
                    bar.update()
                for number in range(settings.runs):
                    name = f"Edited {time.time_ns()} {number}"
                    _add_name(record, before[record], name)
                    seconds["names"].append(server.wait_for(page, name.encode()))
                    bar.update()
                    save(results)
    finally:
        for file, content_before in before.items():
            file.write_bytes(content_before)
    return results


def _add_name(record: Path, before: bytes, name: str) -> None:
    data = yaml.safe_load(before)
    data["names"]["en"].setdefault("admitted", []).append(name)
    record.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")


class _Server:
    """A running `mkdocs serve`."""

    def __init__(self, port: int, ended: Callable[[], bool], output: BinaryIO) -> None:
        self._port = port
        self._ended = ended
        self._output = output

    def wait_for(self, path: str, text: bytes) -> float:
        """Ask for a page again and again until it has a text; return the seconds."""
        begin = time.perf_counter()
        while text not in self._get(path):
            if self._ended() or time.perf_counter() - begin > _PATIENCE:
                self._output.seek(0)
                said = self._output.read().decode(errors="replace").strip().splitlines()
                raise FailedError(f"/{path} never had the change; {'; '.join(said[-3:])}")
            time.sleep(_INTERVAL)
        return time.perf_counter() - begin

    def _get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        try:
            connection.request("GET", f"/{path}")
            return connection.getresponse().read()
        except OSError:
            return b""
        finally:
            connection.close()


@contextmanager
def _server(root: Path) -> Iterator[_Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # What `make serve` runs, at a free port.
    command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "-a", f"127.0.0.1:{port}"]
    environment = {"NO_MKDOCS_2_WARNING": "1", "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile() as output:
        process = start(Step(command, root, environment), output.fileno())
        try:
            yield _Server(port, lambda: process.poll() is not None, output)
        finally:
            stop(process)
