"""What a contributor probably meant."""

from __future__ import annotations

from collections.abc import Collection


def nearest(wrong: str, known: Collection[str]) -> str | None:
    """Return the one of `known` that looks most like `wrong`, if any does."""
    # Most runs find nothing to suggest.
    import difflib  # noqa: PLC0415

    return next(iter(difflib.get_close_matches(wrong, sorted(known), n=1)), None)


def suggestion(
    wrong: str, known: Collection[str], what: str = "value", otherwise: str | None = None
) -> str:
    """Say what to write instead of `wrong`.

    Args:
        wrong: As it was written.
        known: What may be written.
        what: They are, such as a concept.
        otherwise: What to say where none of them looks like it.
    """
    close = nearest(wrong, known)
    if close:
        return f"write `{close}`"
    return otherwise or f"use an existing {what}, or add it first"
