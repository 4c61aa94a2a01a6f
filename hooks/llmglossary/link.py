"""Links names of concepts in prose to their pages.

`Linker` knows the names of one language and finds them in the text of one block element; it
knows nothing of pages. `LinkTreeprocessor` walks a page as Python-Markdown holds it, and turns
the first mention of each concept in each section into a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import NamedTuple
from xml.etree import ElementTree as ET

from ahocorasick_rs import AhoCorasick, MatchKind
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

from .model import Glossary
from .record import Homograph, Language, Names

# After everything that writes text (`inline` 20, `attr_list` 8, `smarty` 6, `toc` 5, captions 4),
# before MkDocs resolves links (0). `attr_list` has to see `{…}` before a link separates it from
# the element it belongs to.
PRIORITY = 2

_CJK = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_IS_CJK = re.compile(f"[{_CJK}]")
_SPACE = r" \t\r\n\u00a0"
_SPECIAL = re.compile(
    rf"\x02(?P<escaped>[0-9]{{1,4}})\x03"  # Python-Markdown's backslash escapes
    rf"|\x02[^\x03]*\x03"  # and its other placeholders
    rf"|(?P<space>(?<=[{_CJK}])[{_SPACE}]+|[{_SPACE}]+(?=[{_CJK}])|[{_SPACE}]{{2,}}"
    rf"|[\t\r\n\u00a0])"  # a lone space between Latin words is already in normal form
)
_PLACEHOLDER = re.compile(r"\x02([0-9]{1,4})\x03|\x02[^\x03]*\x03")
_SAME_SHAPE = str.maketrans("\u2010\u2011’", "--'")
# Only A–Z: unlike str.lower, this never changes the length of a text nor looks at neighbours.
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_OPAQUE = "\ufffc"

_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_LATIN_END = re.compile("[A-Za-z]$")
_SMALL_WORDS = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "per", "the"}
    | {"to", "via", "vs", "with"}
)

_HEADING = re.compile("h[1-6]")
_SECTION_HEADINGS = frozenset({"h1", "h2"})
# No prose inside, so its text does not even serve as context. A superscript is a note mark.
_NOT_TEXT = frozenset(
    {"br", "code", "hr", "img", "input", "kbd", "math", "pre", "samp", "script", "style", "sup"}
    | {"svg", "textarea", "var"}
)
# Text, but links do not belong there: a link in a `summary` or `label` would fight its click.
_NOT_LINKABLE = frozenset({"a", "button", "label", "option", "select", "summary", "th"})
_NOT_TEXT_CLASSES = frozenset({"arithmatex", "formula"})
_NOT_LINKABLE_CLASSES = frozenset({"admonition-title"})

_RAW_TAG = re.compile(r"""<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*)(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_VOID_TAGS = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "source", "wbr"})


class Target(NamedTuple):
    """What a link leads to: a concept's page, or the section of it that explains a lesser one."""

    slug: str
    anchor: str | None = None


class Mention(NamedTuple):
    """A stretch of a text that names a concept; `start` and `end` count as in a slice."""

    start: int
    end: int
    slug: str
    anchor: str | None


class _Folded(NamedTuple):
    """A text in the form in which it is compared, and where each character came from."""

    cased: str
    lower: str
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True)
class _Sense:
    """What one written form stands for.

    A form without targets takes part in the matching all the same: it keeps shorter names
    inside it from being linked.

    Attributes:
        targets: In order of preference.
        conditions: For a homograph, the target each set of neighbouring words decides for, the
            words as lowercase stems.
    """

    targets: tuple[Target, ...]
    conditions: tuple[tuple[Target, frozenset[str]], ...] = ()


class Linker:
    """Finds the names of a glossary in texts of one language. Immutable.

    Building one is expensive: build one for each language and use it for every page. A search
    takes time linear in the length of the text.

    Linked are the accepted names of concepts and of the lesser concepts of their sections in
    `language`, and their English abbreviations in every language. Rejected names, English names
    in Chinese text and `blockers` are found too but never linked; they keep shorter names inside
    them plain. Of overlapping names the leftmost wins, of those the longest.

    Args:
        glossary: Where the names and homographs come from.
        language: Which names to look for.
        blockers: Ordinary words, such as 参数量, that contain a name and mean something else.
    """

    def __init__(
        self, glossary: Glossary, language: Language, blockers: Collection[str] = ()
    ) -> None:
        senses = _senses(glossary, language, blockers)
        forms: dict[str, list[tuple[str, _Sense]]] = {}
        # Of forms that differ in case only, capitals sort first, and so the exact one of those
        # that fit a text. A plural comes after names that happen to look the same.
        for form in sorted(senses):
            forms.setdefault(form.translate(_LOWER), []).append((form, senses[form]))
        for form in sorted(senses):
            for plural in _plurals(form):
                forms.setdefault(plural.translate(_LOWER), []).append((plural, senses[form]))
        self._senses = senses
        self._forms = forms
        self._near = frozenset[str]().union(*(n for s in senses.values() for _, n in s.conditions))
        self._targets = frozenset(t for sense in senses.values() for t in sense.targets)
        # All occurrences rather than MatchKind.LeftmostLongest: a long name that fails for its
        # case or its boundary must not hide a shorter one that stands.
        self._automaton = AhoCorasick(
            sorted(forms.keys() | self._near), MatchKind.Standard, store_patterns=False
        )

    @cached_property
    def digest(self) -> bytes:
        """Of everything that decides what `find` finds."""
        senses = _described(sorted(self._senses.items()))
        return sha256(repr(senses).encode("utf-8", "surrogatepass")).digest()

    @property
    def forms(self) -> dict[str, bytes]:
        """Every form that is looked for, with a digest of what it stands for; see `differences`."""
        return {
            form: sha256(repr(_described(senses)).encode("utf-8", "surrogatepass")).digest()[:8]
            for form, senses in self._forms.items()
        }

    @property
    def targets(self) -> frozenset[Target]:
        """Everything that this linker may link to."""
        return self._targets

    def find(self, text: str, *, own: str | None = None) -> list[Mention]:
        """Find the mentions of concepts in a text.

        Args:
            text: The whole text of one block element, since that decides on homographs. It may
                hold Python-Markdown's placeholders; they belong to no name, except that an
                escaped character counts as itself.
            own: The slug of the concept whose page this is, if any: its names and those of its
                sections are not reported, but still cover the shorter names inside them.

        Returns:
            All mentions, in order, without overlaps.
        """
        folded = _fold(text)
        present: set[str] = set()
        found: list[tuple[int, int, list[_Sense]]] = []
        for _, start, end in self._automaton.find_matches_as_indexes(
            folded.lower, overlapping=True
        ):
            key = folded.lower[start:end]
            if key in self._near and _begins_word(folded.lower, start):
                present.add(key)
            if not _stands_alone(folded.lower, start, end):
                continue
            written = folded.cased[start:end]
            forms = self._forms.get(key, ())
            if senses := [sense for form, sense in forms if _case_fits(form, written)]:
                found.append((start, end, senses))

        mentions = []
        reached = 0
        for start, end, senses in sorted(found, key=lambda item: (item[0], -item[1])):
            if start < reached:
                continue
            reached = end
            if target := _decide(senses, present, own):
                mentions.append(Mention(folded.starts[start], folded.ends[end - 1], *target))
        return mentions


def differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Callable[[str], bool]:
    """Return what tells whether a text may mention something else than it did before.

    It says yes too often rather than too seldom, and takes a fraction of the time of `find`.

    Args:
        before: `Linker.forms` of then.
        after: The same of now.
    """
    changed = {form for form, _ in before.items() ^ after.items()}
    if not changed:
        return lambda _: False
    automaton = AhoCorasick(sorted(map(_squeezed, changed)), store_patterns=False)
    return lambda text: bool(automaton.find_matches_as_indexes(_squeezed(text)))


def _squeezed(text: str) -> str:
    """Return a text as `_fold` has it, without any white space and what is opaque.

    Whatever is in the folded text is in this one too.
    """
    plain = _PLACEHOLDER.sub(_unescaped, text) if "\x02" in text else text
    return "".join(plain.split()).translate(_SAME_SHAPE).translate(_LOWER)


def _unescaped(placeholder: re.Match[str]) -> str:
    return chr(int(placeholder[1])) if placeholder[1] else ""


def _described(senses: Iterable[tuple[str, _Sense]]) -> list[object]:
    return [
        (form, s.targets, [(target, sorted(near)) for target, near in s.conditions])
        for form, s in senses
    ]


class LinkTreeprocessor(Treeprocessor):
    """Links the first mention of each concept in each section of a page.

    A section is what stands between two headings of level 1 or 2. A link that is there already
    counts as a mention, so processing a page again changes nothing. Never linked are headings,
    header cells, code, formulas, links, raw HTML and labels of controls.

    Register it with `PRIORITY`. After each run `targets` tells what the page links to.

    Args:
        md: The converter that made the tree.
        find: From the text of a block to what it mentions, as `Linker.find`.
        href: From slug and anchor to the address to write into the link.
        target: From the address in a link to what it leads to, if that is another concept.
        definition: From slug and anchor to the text of the tooltip, if there is one.
    """

    def __init__(
        self,
        md: Markdown,
        *,
        find: Callable[[str], Iterable[Mention]],
        href: Callable[[str, str | None], str],
        target: Callable[[str], Target | None],
        definition: Callable[[str, str | None], str | None],
    ) -> None:
        super().__init__(md)
        self._find = find
        self._href = href
        self._target = target
        self._definition = definition
        self._found: dict[Target, None] = {}
        self._seen: set[Target] = set()
        self._block = _Block()

    @property
    def targets(self) -> tuple[Target, ...]:
        """The concepts that the page of the last run links to, each once, in reading order.

        Links to concepts that the author wrote are among them; the page's own concept is not.
        """
        return tuple(self._found)

    def run(self, root: ET.Element) -> None:
        """Insert the links.

        Args:
            root: The page; changed in place.
        """
        self._found = {}
        self._seen = set()
        self._block = _Block()
        self._visit(root, linkable=True)
        self._finish_block()

    def _visit(self, element: ET.Element, *, linkable: bool) -> None:
        tag = element.tag
        # A comment has a function for a tag.
        if not isinstance(tag, str) or tag in _NOT_TEXT or _classes(element) & _NOT_TEXT_CLASSES:
            self._block.text(_OPAQUE)
            return
        if starts_block := self.md.is_block_level(tag):
            self._finish_block()
        if tag in _SECTION_HEADINGS:
            self._seen.clear()
        if tag == "a" and (target := self._target(element.get("href", ""))):
            self._block.links.append((self._block.length, target))
        linkable = linkable and not (
            tag in _NOT_LINKABLE
            or _HEADING.fullmatch(tag)
            or _classes(element) & _NOT_LINKABLE_CLASSES
        )
        self._add(element.text, _Node(self._block.length, element, None), linkable=linkable)
        for child in list(element):
            self._visit(child, linkable=linkable)
            self._add(child.tail, _Node(self._block.length, child, element), linkable=linkable)
        if starts_block:
            self._finish_block()

    def _add(self, text: str | None, node: _Node, *, linkable: bool) -> None:
        """Append the text of `node` to the block, noting which parts of it may be linked."""
        if not text:
            return
        block = self._block
        if isinstance(text, AtomicString):
            block.text(_OPAQUE)
            return
        position = 0
        for placeholder in HTML_PLACEHOLDER_RE.finditer(text):
            block.text(text[position : placeholder.start()], node if linkable else None)
            block.text(placeholder.group())
            position = placeholder.end()
            block.raw_html(self.md.htmlStash.rawHtmlBlocks[int(placeholder.group(1))])
        block.text(text[position:], node if linkable else None)

    def _finish_block(self) -> None:
        """Link what the block that ends here mentions first, and begin another."""
        block, self._block = self._block, _Block()
        mentions: Iterable[Mention] = ()
        if block.spans:
            mentions = self._find("".join(block.parts))
        events: list[tuple[int, Target, tuple[Mention, _Node] | None]] = [
            (position, target, None) for position, target in block.links
        ]
        new: dict[_Node, list[Mention]] = {}
        for mention, node in _within_spans(mentions, block.spans):
            events.append((mention.start, Target(mention.slug, mention.anchor), (mention, node)))
        for _, target, place in sorted(events, key=lambda event: event[0]):
            if place and target not in self._seen:
                new.setdefault(place[1], []).append(place[0])
            self._seen.add(target)
            self._found.setdefault(target)
        for node, first_mentions in new.items():
            self._insert(node, first_mentions)

    def _insert(self, node: _Node, mentions: list[Mention]) -> None:
        text = (node.element.text if node.parent is None else node.element.tail) or ""
        starts = [mention.start - node.start for mention in mentions]
        ends = [mention.end - node.start for mention in mentions]
        links = []
        for mention, start, end, following in zip(
            mentions, starts, ends, [*starts[1:], len(text)], strict=True
        ):
            link = self._link(Target(mention.slug, mention.anchor))
            link.text = text[start:end]
            link.tail = text[end:following]
            links.append(link)
        before = text[: starts[0]]
        if node.parent is None:
            node.element.text = before
            node.element[0:0] = links
        else:
            node.element.tail = before
            after = list(node.parent).index(node.element) + 1
            node.parent[after:after] = links

    def _link(self, target: Target) -> ET.Element:
        link = ET.Element("a", {"class": "term", "href": self._href(*target)})
        if definition := self._definition(*target):
            link.set("data-definition", definition)
            # What CSS makes of the other attribute is out of reach of a screen reader.
            link.set("aria-description", definition)
        return link


class _Node(NamedTuple):
    """A text of the tree, that of `element` or, if it has a `parent`, the tail of `element`."""

    start: int
    element: ET.Element
    parent: ET.Element | None


class _Span(NamedTuple):
    """A stretch of a block's text that may be linked."""

    start: int
    end: int
    node: _Node


@dataclass
class _Block:
    """The text of a block element, gathered from the inline elements in it.

    Names are looked for in the text as a reader sees it, so that a word goes on where an
    element ends; but only what lies within one text of the tree can become a link.

    Attributes:
        links: The links that are there already, by their position.
        open_tags: Raw inline HTML: Python-Markdown keeps the tags aside but not what they enclose.
    """

    parts: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[_Span] = field(default_factory=list)
    links: list[tuple[int, Target]] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def text(self, text: str, node: _Node | None = None) -> None:
        """Append `text`, which may be linked if `node` says where it comes from."""
        self.parts.append(text)
        start, self.length = self.length, self.length + len(text)
        if node and not self.open_tags and text.strip():
            self.spans.append(_Span(start, self.length, node))

    def raw_html(self, html: object) -> None:
        """Note that a piece of raw HTML stands here; only a lone tag is of interest."""
        tag = _RAW_TAG.fullmatch(html) if isinstance(html, str) else None
        if not tag:
            return
        name = tag["name"].lower()
        if not tag["end"]:
            if name not in _VOID_TAGS:
                self.open_tags.append(name)
        elif name in self.open_tags:
            while self.open_tags.pop() != name:
                pass


def _within_spans(
    mentions: Iterable[Mention], spans: Iterable[_Span]
) -> Iterator[tuple[Mention, _Node]]:
    """Yield the mentions that lie within one span each. Both are in order."""
    remaining = iter(spans)
    span = next(remaining, None)
    for mention in mentions:
        while span and span.end <= mention.start:
            span = next(remaining, None)
        if span and span.start <= mention.start and mention.end <= span.end:
            yield mention, span.node


def _classes(element: ET.Element) -> frozenset[str]:
    return frozenset(element.get("class", "").split())


def _senses(glossary: Glossary, language: Language, blockers: Iterable[str]) -> dict[str, _Sense]:
    """Collect every form to look for, plurals aside, in normal form."""
    targets: dict[str, set[Target]] = {}
    silent = set(blockers)
    for slug, concept in glossary.concepts.items():
        _collect(concept.record.names, Target(slug), language, targets, silent)
        for section in concept.record.sections:
            _collect(section.names, Target(slug, section.id), language, targets, silent)
    homographs: dict[str, list[Homograph]] = {}
    for homograph in glossary.homographs:
        if language in homograph.languages:
            homographs.setdefault(_normal(homograph.name), []).append(homograph)

    senses = {form: _Sense(()) for name in silent if (form := _normal(name))}
    for form, found in targets.items():
        senses[form] = _Sense(tuple(sorted(found, key=lambda t: (t.slug, t.anchor or ""))))
    for form, rivals in homographs.items():
        named = senses.get(form, _Sense(())).targets
        conditions = []
        for rival in rivals:
            if rival.term in glossary.concepts:
                target = next((t for t in named if t.slug == rival.term), Target(rival.term))
                near = frozenset(_normal(word).translate(_LOWER) for word in rival.near)
                conditions.append((target, near))
        # A homograph of unknown concepts only is an error elsewhere; here it stays plain.
        known = dict.fromkeys([*named, *(target for target, _ in conditions)])
        senses[form] = _Sense(tuple(known) if conditions else (), tuple(conditions))
    return senses


def _collect(
    names: Names,
    target: Target,
    language: Language,
    targets: dict[str, set[Target]],
    silent: set[str],
) -> None:
    linked = list(names.get(language).accepted)
    if names.en.abbreviation:
        linked.append(names.en.abbreviation)
    for name in linked:
        targets.setdefault(_normal(name), set()).add(target)
    silent.update(names.en.accepted)
    silent.update(rejected.name for rejected in names.get(language).rejected)


def _decide(senses: list[_Sense], present: set[str], own: str | None) -> Target | None:
    """Choose among `senses`, given the stems `present` in the block; None leaves the name plain."""
    if any(target.slug == own for sense in senses for target in sense.targets):
        return None
    sense = senses[0]
    if not sense.conditions:
        return sense.targets[0] if sense.targets else None
    return next((t for t, near in sense.conditions if not near.isdisjoint(present)), None)


@lru_cache(maxsize=65_536)
def _normal(name: str) -> str:
    return _fold(name.strip()).cased


def _fold(text: str) -> _Folded:
    """Bring `text` into the form in which texts and names are compared.

    White space between Chinese and Latin disappears, so does a line break between two Chinese
    characters; elsewhere a run of white space is one space, or an opaque character if it holds
    an empty line. Escaped characters stand for themselves, other placeholders are opaque.
    """
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for special in _SPECIAL.finditer(text):
        start, end = special.span()
        parts.append(text[position:start])
        starts.extend(range(position, start))
        ends.extend(range(position + 1, start + 1))
        if replacement := _replacement(special):
            parts.append(replacement)
            starts.append(start)
            ends.append(end)
        position = end
    parts.append(text[position:])
    starts.extend(range(position, len(text)))
    ends.extend(range(position + 1, len(text) + 1))
    cased = "".join(parts).translate(_SAME_SHAPE)
    return _Folded(cased, cased.translate(_LOWER), starts, ends)


def _replacement(special: re.Match[str]) -> str:
    if special["escaped"]:
        return chr(int(special["escaped"]))
    space = special["space"]
    if not space or space.count("\n") > 1:
        return _OPAQUE
    text = special.string
    sides = (text[special.start() - 1 : special.start()], text[special.end() : special.end() + 1])
    chinese_sides = sum(bool(_IS_CJK.match(side)) for side in sides)
    drops = chinese_sides == 1 or (chinese_sides and "\n" in space)
    return "" if drops else " "


def _plurals(form: str) -> tuple[str, ...]:
    """Return the regular English plurals that `form` may have."""
    if not _LATIN_END.search(form):
        return ()
    if re.search("[^aeiou]y$", form):
        return (form[:-1] + "ies",)
    if form.endswith("ch"):  # batches, but epochs
        return (form + "es", form + "s")
    return (form + ("es" if form.endswith(("s", "x", "z", "sh")) else "s"),)


def _case_fits(form: str, written: str) -> bool:
    """Tell whether `written`, equal to `form` but for case, is a way to write it.

    Words with a capital in `form` are kept as they are. The others may be capitalised at the
    beginning of a sentence (the first only) or in a title (all but small words and what follows
    a hyphen).
    """
    if form == written:
        return True
    words = list(_LATIN_WORD.finditer(form))
    raised = []
    kept = []
    for word in words:
        seen = written[word.start() : word.end()]
        if seen == word.group():
            if seen.islower():
                kept.append(word)
        elif word.group().islower() and seen == word.group()[0].upper() + word.group()[1:]:
            raised.append(word)
        else:
            return False
    return raised == words[:1] or all(
        word.group() in _SMALL_WORDS or form[word.start() - 1 : word.start()] == "-"
        for word in kept
    )


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether the word at `start:end` of `text` is not part of a longer Latin word."""
    before = text[max(start - 2, 0) : start][::-1]
    return not (_joined(text[start], before) or _joined(text[end - 1], text[end : end + 2]))


def _begins_word(text: str, start: int) -> bool:
    """Tell whether the text from `start` on could be the stem of a word, as in ``multi-tool``."""
    return not (start and _is_latin(text[start]) and _is_latin(text[start - 1]))


def _joined(edge: str, outward: str) -> bool:
    """Tell whether a word goes on beyond its character `edge`.

    Args:
        edge: The first or last character of the word.
        outward: Up to two characters of the text beyond it, the nearest first.
    """
    if not _is_latin(edge) or not outward:
        return False
    nearest, next_one = outward[0], outward[1:]
    if nearest == "-":
        return next_one != "-"  # two hyphens are a dash
    if nearest == ".":  # Llama 3.1, config.json
        return _is_latin(next_one)
    return nearest == "_" or _is_latin(nearest)


def _is_latin(character: str) -> bool:
    """Tell whether this is a letter or digit of a script that separates words by spaces."""
    return character.isalnum() and not _IS_CJK.match(character)
