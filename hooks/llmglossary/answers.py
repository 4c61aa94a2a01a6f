"""What converting one page asks of the rest of the glossary, and what it was told.

A converted page may be used again if its own text is the same and every question that its
conversion asked would get the same answer today. So nothing has to guess beforehand which
names, definitions or sources matter to which page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from .link import Linker, Mention, Target
from .localize import Localized
from .model import Source

Kind = Literal["chinese", "definition", "mentions", "target", "title"]
Question = tuple[Kind, str, str]
Names = tuple[bytes, bytes]


@dataclass
class Answers:
    """Answers the questions of one page and takes each down.

    Attributes:
        site: The glossary in the language of the site being built.
        linker: Finds the names of that language.
        sources: Of the glossary, by key.
        own: The slug of the concept whose page this is; empty on other pages.
        differs: From a digest of the names of an earlier build to what tells whether a text may
            mention something else now; see `link.differences`.
        asked: Every question so far, with its answer.
    """

    site: Localized
    linker: Linker
    sources: Mapping[str, Source]
    own: str = ""
    differs: Callable[[bytes], Callable[[str], bool]] = lambda _: lambda _: True
    asked: dict[Question, object] = field(default_factory=dict)

    @property
    def names(self) -> Names:
        """Digests of all that decides which names are found, and how Chinese is converted."""
        return self.linker.digest, self.site.converter.digest

    def chinese(self, text: str) -> str:
        """Return Simplified Chinese `text` as the site writes it."""
        return cast("str", self._ask(("chinese", text, "")))

    def definition(self, slug: str, anchor: str | None) -> str | None:
        """Return the definition of a concept or of a lesser one explained on its page."""
        return cast("str | None", self._ask(("definition", slug, anchor or "")))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return what `text`, the text of a block, mentions; see `Linker.find`."""
        return cast("tuple[Mention, ...]", self._ask(("mentions", text, "")))

    def target(self, slug: str, anchor: str | None) -> Target | None:
        """Return what a link to `slug` and `anchor` leads to, if it is another concept.

        A link to any other place on a concept's page leads to the concept.
        """
        return cast("Target | None", self._ask(("target", slug, anchor or "")))

    def title(self, key: str) -> str | None:
        """Return the title of a source."""
        return cast("str | None", self._ask(("title", key, "")))

    def confirm(self, asked: Mapping[Question, object], names: Names) -> bool:
        """Tell whether questions asked in an earlier run would be answered alike now.

        Args:
            asked: With the answers of then.
            names: What `names` was then.
        """
        same_names, same_conversion = names[0] == self.names[0], names[1] == self.names[1]
        differs = self.differs(names[0])

        def stands(question: Question) -> bool:
            kind, text, _ = question
            match kind:
                case "chinese":
                    return same_conversion
                case "mentions":
                    return same_names or not differs(text)
                case "target":
                    return same_names
                case _:
                    return False

        return all(
            stands(question) or self._answer(question) == answer
            for question, answer in asked.items()
        )

    def _ask(self, question: Question) -> object:
        if question not in self.asked:
            self.asked[question] = self._answer(question)
        return self.asked[question]

    def _answer(self, question: Question) -> object:
        kind, text, detail = question
        match kind:
            case "chinese":
                return self.site.chinese(text)
            case "definition":
                return self.site.definition(text, detail or None)
            case "mentions":
                return tuple(self.linker.find(text, own=self.own or None))
            case "target":
                return self._target(text, detail or None)
            case "title":
                source = self.sources.get(text)
                return source.title if source else None

    def _target(self, slug: str, anchor: str | None) -> Target | None:
        exact, page = Target(slug, anchor), Target(slug)
        if slug == self.own:
            return None
        return next((t for t in (exact, page) if t in self.linker.targets), None)
