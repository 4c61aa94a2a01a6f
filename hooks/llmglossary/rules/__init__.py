"""The rules that a glossary must satisfy: one rule a module, each a pure function with a guide."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial

from .. import rename, translation
from ..model import Glossary, Problem
from ..progress import Bar
from ..store import Store
from . import (
    citations,
    claims,
    contract,
    cycles,
    diagrams,
    formulas,
    images,
    labels,
    levels,
    links,
    loading,
    markdown,
    markup,
    names,
    navigation,
    numbers,
    placeholders,
    references,
    rejected,
    terminology,
    typography,
)
from .guide import ArticleRule, Rule, RuleGuide

# Run while an article is read; see `load`.
ARTICLE_RULES: tuple[ArticleRule, ...] = (
    contract.ARTICLE_RULE,
    numbers.RULE,
    markup.RULE,
    formulas.RULE,
    labels.RULE,
    typography.RULE,
    placeholders.RULE,
)

RULES: tuple[Rule, ...] = (
    references.RULE,
    cycles.RULE,
    levels.RULE,
    names.RULE,
    contract.RULE,
    citations.RULE,
    claims.RULE,
    links.RULE,
    images.RULE,
    navigation.RULE,
    terminology.RULE,
    rejected.RULE,
    Rule(loading.TRANSLATIONS, translation.check),
    Rule(loading.SLUGS, rename.check),
)

# Rules that keep what they find in an article until it changes.
KEPT_RULES: tuple[Callable[[Glossary, Store], Iterator[Problem]], ...] = (
    diagrams.check,
    markdown.check,
    terminology.check_derived,
)

# Some guides of `loading` are also those of a rule.
GUIDES: tuple[RuleGuide, ...] = tuple(
    dict.fromkeys(
        (
            *loading.GUIDES,
            *(r.guide for r in RULES),
            *(r.guide for r in ARTICLE_RULES),
            diagrams.GUIDE,
            markdown.GUIDE,
        )
    )
)


def check(glossary: Glossary, store: Store | None = None) -> list[Problem]:
    """Run every rule, with a progress bar where that takes long.

    Args:
        glossary: To check.
        store: Remembers what was found in articles that have not changed since.

    Returns:
        All problems, in no particular order.
    """
    problems: list[Problem] = []
    keeping = store or Store(None)
    todo = [partial(rule, glossary) for rule in RULES]
    todo += [partial(rule, glossary, keeping) for rule in KEPT_RULES]
    for find in Bar(todo, desc="rules", leave=False, delay=1, file=sys.stderr):
        problems.extend(find())
    return problems
