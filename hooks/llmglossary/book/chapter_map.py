"""The picture at the head of a chapter: how its concepts require one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .content import Book, Chapter

_MOST_OUTSIDE = 8


def source(chapter: Chapter, book: Book) -> str | None:
    """Return the Mermaid source of a chapter's map.

    Concepts of other categories are shown where one of this chapter requires them directly,
    unless they are so many that they would hide the chapter's own.

    Args:
        chapter: Whose concepts to draw.
        book: That it stands in.

    Returns:
        None where nothing in the chapter requires anything in the map.
    """
    own = [concept.slug for concept in chapter.concepts]
    concepts = book.site.glossary.concepts
    requires = {
        slug: [s for s in concepts[slug].record.relations.requires if s in concepts] for slug in own
    }
    outside = list(dict.fromkeys(s for slug in own for s in requires[slug] if s not in own))
    shown = [*own, *(outside if len(outside) <= _MOST_OUTSIDE else ())]
    edges = [
        (before, after)
        for before, after in _shortest(requires, own)
        if before in shown and after in shown
    ]
    if not edges:
        return None
    linked = {slug for edge in edges for slug in edge}
    words = book.strings
    names = {slug: concepts[slug].name(book.language) for slug in linked}
    described = _sentence(
        (
            words["book_map_edge"].format(before=names[before], after=names[after])
            for before, after in edges
        ),
        words["stale_separator"],
    )
    lines = [
        "flowchart LR" if len(linked) > len(edges) + 2 else "flowchart TB",
        f"accTitle: {words['book_map_title'].format(name=chapter.title)}",
        f"accDescr: {described}{words['stale_end']}",
    ]
    for slug in (s for s in shown if s in linked):
        role = ":::data" if slug in own else ":::frozen"
        lines.append(f'n{shown.index(slug)}["{_label(names[slug])}"]{role}')
    lines += [f"n{shown.index(before)} --> n{shown.index(after)}" for before, after in edges]
    return "\n".join(lines) + "\n"


def _shortest(requires: dict[str, list[str]], own: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (before, after) without what follows from the rest by way of others."""
    for after in own:
        direct = requires[after]
        for before in direct:
            if not any(before in _reached(requires, other) for other in direct if other != before):
                yield before, after


def _reached(requires: dict[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    pending = [start]
    while pending:
        for slug in requires.get(pending.pop(), ()):
            if slug not in found:
                found.add(slug)
                pending.append(slug)
    return found


def _sentence(parts: Iterable[str], separator: str) -> str:
    return separator.join(parts)


def _label(text: str) -> str:
    return text.replace('"', "#quot;")
