"""The rules that a glossary must satisfy: one rule a module, each a pure function with a guide."""

from __future__ import annotations

import sys

from tqdm import tqdm

from .. import rename, translation
from ..model import Glossary, Problem
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
    numbers.RULE,
    markup.RULE,
    formulas.RULE,
    labels.RULE,
    typography.RULE,
    placeholders.RULE,
    markdown.RULE,
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
    diagrams.RULE,
    terminology.RULE,
    rejected.RULE,
    Rule(loading.TRANSLATIONS, translation.check),
    Rule(loading.SLUGS, rename.check),
)

# Some guides of `loading` are also those of a rule.
GUIDES: tuple[RuleGuide, ...] = tuple(
    dict.fromkeys((*loading.GUIDES, *(r.guide for r in RULES), *(r.guide for r in ARTICLE_RULES)))
)


def check(glossary: Glossary, store: Store | None = None) -> list[Problem]:
    """Run every rule, with a progress bar where that takes long.

    Args:
        glossary: To check.
        store: Remembers what was found in derived texts whose sources have not changed since.

    Returns:
        All problems, in no particular order.
    """
    problems: list[Problem] = []
    for rule in tqdm(RULES, desc="rules", leave=False, delay=1, file=sys.stderr):
        problems.extend(rule(glossary))
    problems.extend(terminology.check_derived(glossary, store or Store(None)))
    return problems
