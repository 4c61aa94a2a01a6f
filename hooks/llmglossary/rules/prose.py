"""Words in prose."""

from __future__ import annotations


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether the word at `start:end` of `text` is not part of a longer Latin word."""

    def joined(one: str, other: str) -> bool:
        return one.isascii() and one.isalnum() and other.isascii() and other.isalnum()

    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (joined(before, text[start]) or joined(text[end - 1], after))
