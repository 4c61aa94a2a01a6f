"""Shared fixtures: project trees to load and sites to look at."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

import synthetic
from bench import browser as browsers
from llmglossary import vendor

PROJECT = Path(__file__).resolve().parent.parent
FIXTURE = synthetic.FIXTURE
EPUBCHECK = Path("/usr/share/java/epubcheck.jar")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")


def pytest_configure(config: pytest.Config) -> None:
    """Fetch the browser libraries once, before the workers of pytest-xdist start."""
    if not hasattr(config, "workerinput"):
        vendor.ensure(PROJECT / "docs" / "assets" / "vendor")
        vendor.ensure(PROJECT / ".cache" / "vendor", packages=vendor.TEST_LIBRARIES)


def documents(target: Path) -> Path:
    """Lay out the documents of the small glossary below `target`, without theme and pages."""
    shutil.copytree(FIXTURE / "docs", target / "docs")
    words = (PROJECT / "docs/terminology.yml").read_text("utf-8")
    # The concepts it names are not in the small glossary.
    words = re.sub(r"\n +concept: .*", "", words)
    (target / "docs/terminology.yml").write_text(words, "utf-8")
    return target


def make_tree(target: Path) -> Path:
    """Lay out a small project below `target`: the fixture's concepts, the real pages and theme."""
    return synthetic.small(target)


def build(root: Path, tool: str = "mkdocs") -> subprocess.CompletedProcess[str]:
    """Build the site of `root` in a process of its own: a failed build leaves MkDocs patched."""
    return subprocess.run(
        [sys.executable, "-m", tool, "build", "--strict"],
        cwd=root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "project")


def _once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]
) -> Path:
    """Make something once for all workers of pytest-xdist."""
    root = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent
    target, lock = root / name, root / f"{name}.lock"
    try:
        lock.mkdir()
    except FileExistsError:
        while not (root / f"{name}.done").exists():
            time.sleep(0.2)
        return target
    try:
        return make(target)
    finally:
        (root / f"{name}.done").touch()


@pytest.fixture(scope="session")
def fixture_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of the small project."""

    def make(target: Path) -> Path:
        result = build(make_tree(target))
        assert result.returncode == 0, result.stdout + result.stderr
        return target

    return _once(tmp_path_factory, "fixture-site", make) / "site"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site of the real project."""

    def make(target: Path) -> Path:
        target.mkdir()
        for name in ("hooks", "overrides", "docs", "mkdocs.yml"):
            (target / name).symlink_to(PROJECT / name)
        result = build(target)
        assert result.returncode == 0, result.stdout + result.stderr
        return target

    return _once(tmp_path_factory, "real-site", make) / "site"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; skips, or fails where browser tests are required."""
    found = browsers.available()
    if found is None:
        message = f"no Chromium on the PATH (looked for {', '.join(browsers.CHROMIUM)})"
        if os.environ.get("LLMGLOSSARY_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def epubcheck() -> list[str]:
    """The command of the validator of EPUB files; skips, or fails where it is required."""
    java = shutil.which("java")
    if java is None or not EPUBCHECK.is_file():
        message = "no epubcheck (Debian package of that name)"
        if os.environ.get("LLMGLOSSARY_REQUIRE_EPUBCHECK"):
            pytest.fail(message)
        pytest.skip(message)
    # Not /usr/bin/epubcheck, a jar that needs a kernel that runs jars.
    return [java, "-jar", str(EPUBCHECK)]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with browsers.chromium(chromium) as browser:
        yield browser


def watched(context: BrowserContext, origins: tuple[str, ...]) -> tuple[Page, list[str]]:
    """Open a page, and list what goes wrong on it as it happens.

    Args:
        context: Of the browser.
        origins: How the addresses begin that the page may load.

    Returns:
        The page, and a list of errors, warnings, failed requests and those to elsewhere.
    """
    page = context.new_page()
    problems: list[str] = []

    def note(condition: object, problem: str) -> None:
        if condition:
            problems.append(problem)

    page.on("console", lambda m: note(m.type in {"error", "warning"}, m.text))
    page.on("pageerror", lambda error: note(condition=True, problem=str(error)))
    page.on(
        "requestfailed",
        # Leaving a page ends what it was still loading; that is no failure.
        lambda request: note(request.failure != "net::ERR_ABORTED", f"failed {request.url}"),
    )
    page.on(
        "request",
        lambda request: note(not request.url.startswith(origins), f"outside {request.url}"),
    )
    page.on(
        "response",
        lambda response: note(response.status >= 400, f"{response.status} {response.url}"),
    )
    return page, problems
