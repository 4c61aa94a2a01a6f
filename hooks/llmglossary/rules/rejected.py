"""Names that a record rejects are not used on other pages."""

from __future__ import annotations

from collections.abc import Iterator

from ahocorasick_rs import AhoCorasick, MatchKind

from ..article import place_of
from ..model import Article, Concept, Glossary, Problem
from ..record import LANGUAGES, Language
from .guide import Example, Rule, RuleGuide, Words
from .prose import stands_alone

_SHORT = 2


class _Names:
    """The names of one language: rejected ones, and the accepted ones they may be part of."""

    def __init__(self, glossary: Glossary, language: Language) -> None:
        settled = {word.wrong for word in glossary.wordings}
        self.owners: dict[str, list[Concept]] = {}
        accepted: set[str] = set(glossary.longer_words.get(language, ()))
        for concept in glossary.concepts.values():
            names = concept.record.names.get(language)
            accepted.update(names.accepted)
            accepted.update(
                name
                for section in concept.record.sections
                for name in section.names.get(language).accepted
            )
            for rejected in names.rejected:
                # The wording list is finer: it knows when the word has another sense.
                if rejected.name not in settled:
                    self.owners.setdefault(rejected.name, []).append(concept)
        self._language = language
        self._patterns = [*self.owners, *(accepted - self.owners.keys())]
        self._accepted = accepted
        self._automaton = AhoCorasick(self._patterns, MatchKind.LeftmostLongest)

        self._rejected = AhoCorasick(list(self.owners))

    def occurs(self, text: str) -> bool:
        """Tell quickly whether any rejected name stands in `text`, which is Markdown."""
        return bool(self._rejected.find_matches_as_indexes(text.replace("\\", "")))

    def find(self, text: str) -> Iterator[tuple[str, int, list[Concept]]]:
        """Yield each rejected name in `text`, where it begins, and the concepts that reject it."""
        for pattern, start, end in self._automaton.find_matches_as_indexes(text):
            name = self._patterns[pattern]
            if name in self._accepted or not stands_alone(text, start, end):
                continue
            owners = [c for c in self.owners[name] if self._means(c, name, text)]
            if owners:
                yield name, start, owners

    def _means(self, concept: Concept, name: str, text: str) -> bool:
        """Tell whether a short, everyday name stands near the concept's accepted ones."""
        everyday = len(name) <= _SHORT or name.isascii()
        names = concept.record.names
        return not everyday or any(
            accepted in text
            for accepted in (*names.get(self._language).accepted, names.en.preferred)
        )


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a warning for each rejected name in the prose of another concept's page."""
    finders = {language: _Names(glossary, language) for language in LANGUAGES}
    for concept in glossary.concepts.values():
        for language, article in concept.articles.items():
            if finders[language].occurs(article.body):
                yield from _article(finders[language], concept, article)


def _article(names: _Names, concept: Concept, article: Article) -> Iterator[Problem]:
    for block in article.blocks:
        if block.section == "misconceptions":
            continue
        for name, start, owners in names.find(block.text):
            if concept in owners:
                continue
            place = place_of(article, block, start, start + len(name))
            wanted = owners[0].name(article.language)
            yield Problem(
                article.path,
                place.line,
                place.column,
                "rejected-name",
                f"`{name}` is a name that `{owners[0].slug}` advises against",
                f"write `{wanted}`; the reason is in {owners[0].path}",
                "warning",
            )


RULE = Rule(
    RuleGuide(
        slug="rejected-names",
        codes=(),
        warnings=("rejected-name",),
        title=Words("不用已否定的译名", "Rejected names are not used"),
        what=Words(
            "记录里 `rejected` 的名称，别的页面的正文不再使用；"
            "常见误解一节和该概念自己的页面除外。",
            "A name that a record lists as `rejected` is not used in the prose of other pages, "
            "misconceptions aside.",
        ),
        why=Words(
            "否定一个名称有理由，也写明了理由；正文照用，理由就白写了。",
            "There was a reason to reject the name, and it is on record; using it all the same "
            "sends readers after another thing.",
        ),
        examples=(
            Example(
                "rejected-name",
                "article en",
                "It lowers the loss function, the error \\<function>, step by step.",
                "It lowers the loss function step by step.",
            ),
        ),
    ),
    check,
)
