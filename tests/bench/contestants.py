"""Who builds the content: ours and the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import environments, layouts
from .content import Content
from .layouts import Project

Phase = str
PHASES: tuple[Phase, ...] = ("cold", "warm")


@dataclass(frozen=True)
class Contestant:
    """One that builds the content.

    Attributes:
        packages: Those whose versions matter.
        lay_out: From content, folder, and the folder of its programs to a project.
        keeps: Whether it keeps anything for the next build. If not, a warm build is a cold one.
        own: Whether it runs in this very environment.
    """

    name: str
    title: str
    packages: Sequence[str]
    lay_out: Callable[[Content, Path, Path], Project]
    keeps: bool = True
    own: bool = False

    def programs(self, cache: Path) -> Path:
        """Return the folder of its programs; install them if that has not been done.

        Raises:
            process.FailedError: They cannot be installed.
        """
        return (
            Path(sys.executable).parent if self.own else environments.environment(self.name, cache)
        )


CONTESTANTS = (
    Contestant("ours", "LLM Glossary", ["mkdocs", "mkdocs-material"], layouts.ours, own=True),
    Contestant(
        "vanilla",
        "MkDocs + Material",
        ["mkdocs", "mkdocs-material", "mkdocs-static-i18n", "mkdocs-mermaid2-plugin"],
        layouts.vanilla,
        keeps=False,
    ),
    Contestant(
        "properdocs",
        "ProperDocs + Material",
        ["properdocs", "mkdocs-material", "mkdocs-static-i18n"],
        layouts.properdocs,
        keeps=False,
    ),
    Contestant("zensical", "Zensical", ["zensical"], layouts.zensical),
    Contestant("hugo", "Hugo", ["hugo"], layouts.hugo),
    Contestant(
        "sphinx",
        "Sphinx + MyST",
        ["sphinx", "myst-parser", "sphinxcontrib-mermaid"],
        layouts.sphinx,
    ),
)
