"""One style sheet for the site: the theme's, without what nothing here can use, and our own.

Material's sheets style everything that Material can do; of that this site uses a fifth. A rule of
the theme stays if every name its selector requires may occur on a page. Which names may occur is
read from what pages are made of (templates, scripts, the marks of Markdown), not from finished
pages: the sheet's name depends on its content, and pages name it before the last one is finished.
What is finished is held against the sheet afterwards, by `Sheet.missing`.

Our own rules are never left out: whoever writes one sees it work.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lightningcss
import tinycss2
from pygments.token import STANDARD_TYPES

_FORMAT = 1  # raise it when the output changes, so that cached sheets are made anew
_WORD = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
# `!!! note`, `??? note`, `/// note`; `{ .name }`; `class="name"`. Apart, the two that begin with
# a certain character are found several times faster.
_BLOCK = re.compile(r"^[ \t]*(?:!!!|\?\?\?\+?|///)[ \t]*([^\n\"|{]+)", re.MULTILINE)
_ATTRIBUTES = re.compile(r"\{([^{}\n]*\.[^{}\n]*)\}")
_CLASS = re.compile(r"class=[\"']([^\"'\n]*)")
_GIVEN_CLASS = re.compile(r"(?<![\w.])\.([A-Za-z_-][\w-]*)", re.ASCII)
# What Markdown's extensions and MkDocs' plugins add without being asked by name.
MARKDOWN_NAMES = frozenset(
    {"admonition", "admonition-title", "filename", "headerlink", "highlight", "hll", "mermaid"}
) | frozenset(name for name in STANDARD_TYPES.values() if name)
# No look-behind, which would keep the search from skipping ahead to the word.
_CLASSES = re.compile(r"class=(\"[^\"]*\"|[^\s\"'>]+)")


@dataclass(frozen=True)
class Sheet:
    """A finished style sheet.

    Attributes:
        css: Minified.
        left_out: The classes and ids for whose absence a rule of the theme was left out.
    """

    css: str
    left_out: frozenset[str]

    def missing(self, html: str) -> frozenset[str]:
        """Return the classes of a finished page that rules were left out for."""
        # Each value once: a page has hundreds of attributes and some dozens of values.
        values = set(_CLASSES.findall(html))
        found = {name for value in values for name in value.strip('"').split()}
        return self.left_out & found


def words(text: str) -> frozenset[str]:
    """Return everything in `text` that could be the name of a class, as PurgeCSS would."""
    return frozenset(_WORD.findall(text))


def marks(markdown: str) -> frozenset[str]:
    """Return the names that a text in Markdown gives to its parts, such as `note`."""
    found: set[str] = set()
    for block in _BLOCK.findall(markdown):
        found.update(_WORD.findall(block))
    for attributes in _ATTRIBUTES.findall(markdown):
        found.update(_GIVEN_CLASS.findall(attributes))
    for classes in _CLASS.findall(markdown):
        found.update(classes.split())
    return frozenset(found)


def filter_rules(levels: Iterable[str], categories: Iterable[str]) -> str:
    """Return the rules by which the choices above the index work without a script."""
    choices = [("level", level) for level in levels] + [("category", key) for key in categories]
    return "\n".join(
        f'.md-typeset:has([name="{kind}"][value="{key}"]:checked) '
        f'.entry:not([data-{kind}="{key}"]) {{ display: none; }}'
        for kind, key in choices
    )


def sheet(
    theme: Sequence[str], own: Sequence[str], names: Iterable[str], *, cache: Path | None = None
) -> Sheet:
    """Make the site's style sheet.

    Args:
        theme: The theme's sheets, in their order.
        own: Ours, which follow.
        names: Classes, ids and values of attributes that may occur on a page.
        cache: A folder below which sheets are kept, in ``styles/``.
    """
    if cache is None:
        return _sheet(theme, own, frozenset(names))
    inputs = json.dumps(
        [_FORMAT, version("lightningcss"), tinycss2.VERSION, [*theme], [*own], sorted(names)]
    )
    file = cache / "styles" / f"{hashlib.sha256(inputs.encode()).hexdigest()}.json"
    try:
        kept = json.loads(file.read_text("utf-8"))
        return Sheet(kept["css"], frozenset(kept["left_out"]))
    except (OSError, ValueError, KeyError):
        made = _sheet(theme, own, frozenset(names))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.glob("*.json"):
            old.unlink(missing_ok=True)
        file.write_text(json.dumps({"css": made.css, "left_out": sorted(made.left_out)}), "utf-8")
    except OSError:
        pass  # a cache that cannot be written costs time, not the build
    return made


def _versions() -> list[object]:
    return [_FORMAT, *map(version, ("lightningcss", "tinycss2"))]


def _sheet(theme: Sequence[str], own: Sequence[str], names: frozenset[str]) -> Sheet:
    pruner = _Pruner(names)
    rules = pruner.rules(_parsed("\n".join(theme)))
    ours = "\n".join(own)
    css = tinycss2.serialize(_without_unused(rules, _references(_parsed(ours))))
    return Sheet(
        lightningcss.process_stylesheet(f"{css}\n{ours}", filename="site.css"),
        frozenset(pruner.left_out),
    )


def _parsed(css: str) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return nodes


class _Pruner:
    """Leaves out selectors; remembers the names it left them out for. Used once."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self.left_out: set[str] = set()

    def rules(self, nodes: Iterable[Any]) -> list[Any]:
        """Return the rules that may apply, with the selectors that may."""
        return [kept for node in nodes for kept in self._rule(node)]

    def _rule(self, node: Any) -> Iterator[Any]:  # noqa: ANN401 - a node of tinycss2, untyped
        if node.type == "qualified-rule":
            selectors = [s for s in _split(node.prelude) if self._may_apply(s)]
            if selectors:
                node.prelude = _joined(selectors)
                yield node
        elif node.type == "at-rule" and node.lower_at_keyword in {"media", "supports"}:
            node.content = self.rules(_rules_in(node))
            if node.content:
                yield node
        elif node.type == "at-rule" and node.lower_at_keyword != "charset":
            yield node

    def _may_apply(self, selector: Sequence[Any]) -> bool:
        names, values = _required(selector)
        absent = names - self._names
        self.left_out |= absent
        return not absent and values <= self._names


def _split(prelude: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the selectors of a list."""
    selector: list[Any] = []
    for part in prelude:
        if part == ",":
            yield selector
            selector = []
        else:
            selector.append(part)
    yield selector


def _joined(selectors: Sequence[list[Any]]) -> list[Any]:
    comma = tinycss2.ast.LiteralToken(0, 0, ",")
    return [t for i, s in enumerate(selectors) for t in ([comma, *s] if i else s)]


def _required(selector: Sequence[Any]) -> tuple[set[str], set[str]]:
    """Return the classes and ids, and the exact values of attributes, that a selector requires.

    What stands within `:not()`, `:is()` and the like is not required.
    """
    names: set[str] = set()
    values: set[str] = set()
    before: Any = None
    for token in selector:
        if token.type == "hash" or (token.type == "ident" and before == "."):
            names.add(token.value)
        elif token.type == "[] block":
            parts = [part for part in token.content if part.type != "whitespace"]
            if len(parts) > 2 and parts[1] == "=":  # noqa: PLR2004 - name, sign, value
                values.add(parts[2].value)
        before = token
    return names, values


def _rules_in(node: Any) -> list[Any]:  # noqa: ANN401
    nodes: list[Any] = tinycss2.parse_rule_list(
        node.content, skip_comments=True, skip_whitespace=True
    )
    return nodes


def _declarations(node: Any) -> list[Any]:  # noqa: ANN401
    nodes: list[Any] = tinycss2.parse_blocks_contents(
        node.content, skip_comments=True, skip_whitespace=True
    )
    return nodes


def _references(tokens: Iterable[Any]) -> set[str]:
    """Return every identifier below some nodes; `var(--x)` and `animation: x` name one."""
    found: set[str] = set()
    for token in tokens:
        if token.type == "ident":
            found.add(token.value)
        for part in ("prelude", "content", "arguments", "value"):
            nested = getattr(token, part, None)
            if isinstance(nested, list):
                found |= _references(nested)
    return found


def _without_unused(rules: list[Any], used_elsewhere: set[str]) -> list[Any]:
    """Drop custom properties that nothing refers to, and animations that nothing runs."""
    for rule in _style_rules(rules):
        rule.content = _declarations(rule)
    while True:
        used = used_elsewhere | {
            name
            for rule in _style_rules(rules)
            for declaration in rule.content
            for name in _references(declaration.value)
        }
        dropped = False
        for rule in _style_rules(rules):
            kept = [d for d in rule.content if not d.name.startswith("--") or d.name in used]
            dropped |= len(kept) < len(rule.content)
            rule.content = kept
        if not dropped:
            return _without_empty(rules, used)


def _style_rules(rules: Iterable[Any]) -> Iterator[Any]:
    for rule in rules:
        if rule.type == "qualified-rule":
            yield rule
        elif rule.lower_at_keyword in {"media", "supports"}:
            yield from _style_rules(rule.content)


def _without_empty(rules: Iterable[Any], used: set[str]) -> list[Any]:
    kept = []
    for rule in rules:
        if rule.type == "at-rule" and rule.lower_at_keyword.endswith("keyframes"):
            if not _references(rule.prelude) & used:
                continue
        elif rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
            rule.content = _without_empty(rule.content, used)
        if rule.content or rule.content is None:
            kept.append(rule)
    return kept
