"""A converted page as it is kept between builds, with all that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .answers import Answers, Names, Question
from .extension import Page
from .link import Target


@dataclass(frozen=True)
class Converted:
    """What MkDocs and the templates take from a conversion, and what it was based on.

    Attributes:
        html: The page's own text.
        toc: Its table of contents, as MkDocs holds it.
        title: Of its first heading of level 1.
        anchors: Ids in `html`.
        cited: See `extension.Page`.
        targets: See `extension.Page`.
        links: Each address that the text holds -> what MkDocs made of it.
        asked: What the conversion asked about the glossary, and the answers.
        names: `Answers.names` at that time.
    """

    html: str
    toc: Any
    title: str | None
    anchors: frozenset[str]
    cited: tuple[str, ...]
    targets: tuple[Target, ...]
    links: Mapping[str, str]
    asked: Mapping[Question, object]
    names: Names

    def holds(self, answers: Answers, resolve: Callable[[str], str]) -> bool:
        """Tell whether converting the same text now would give the same page.

        Args:
            answers: Of this build, for the same page.
            resolve: From an address in the text to what MkDocs makes of it now. Called for
                every address, since MkDocs checks links by it; but not for links that would
                not be made any more.
        """
        if not answers.confirm(self.asked, self.names):
            return False
        return {address: resolve(address) for address in self.links} == self.links


def from_page(
    page: Page,
    *,
    html: str,
    toc: Any,  # noqa: ANN401
    title: str | None,
    anchors: frozenset[str],
) -> Converted:
    """Return what is to be kept of `page`, whose conversion is complete."""
    return Converted(
        html=html,
        toc=toc,
        title=title,
        anchors=anchors,
        cited=tuple(page.cited),
        targets=page.targets,
        links=dict(zip(page.written, page.resolved, strict=True)),
        asked=page.answers.asked,
        names=page.answers.names,
    )
