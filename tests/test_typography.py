"""Chinese typography: each spot is shown by itself, and what is reported is what `fix` mends."""

from __future__ import annotations

import pytest

from llmglossary import article, typography

CASES = [
    ("每次生成400token(大约)。", "每次生成 400 token（大约）。"),
    ("**使用GPU训练**,速度快。", "**使用 GPU 训练**，速度快。"),
    (
        "见[下表](x(中).md)(甲);再见 `a(中),b`,完。",
        "见[下表](x(中).md)（甲）；再见 `a(中),b`，完。",
    ),
    ("- 项(甲)\n\n  续(乙)", "- 项（甲）\n\n  续（乙）"),
    (
        "| 甲(一) | 甲(一) |\n| --- | --- |\n| 3step的 | 好,的 |",
        "| 甲（一） | 甲（一） |\n| --- | --- |\n| 3 step 的 | 好，的 |",
    ),
]
KEPT = [
    "用 7B 模型，8bit 存放，GPT-4o、1970s 与 4o-mini 一样。",
    "函数 $f(x,y)$ 与 `f(中)`，见 [@lee2020(a)]。",
    "In English (one, two) 400tokens stay.",
    "```text\n生成400token(大约)\n```",
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_what_autocorrect_leaves_alone_is_mended_too(text: str, wanted: str) -> None:
    assert typography.mended(text) == wanted
    assert typography.mended(text, article.parse(text)) == wanted
    assert typography.mended(wanted) == wanted


@pytest.mark.parametrize("text", KEPT)
def test_names_code_and_formulas_stay(text: str) -> None:
    assert typography.mended(text) == text


def test_a_paragraph_is_not_repeated_for_a_comma() -> None:
    text = "很长的一句话。" * 60 + "这里用GPU训练" + "还有很长的一句话。" * 60 + "错了,对吧"
    first, second = typography.spots(text, typography.mended(text))
    assert first.old == "…句话。这里用GPU训练还有很长…"
    assert first.new == "…句话。这里用 GPU 训练还有很长…"
    assert text[first.column :].startswith("GPU")
    assert text[second.column :] == ",对吧"


def test_spots_lead_from_the_text_to_its_mended_form() -> None:
    old, new = "甲 ，乙(丙)AB丁  １", "甲，乙（丙）AB 丁  1"
    assert next(spot.column for spot in typography.spots(old, new)) == 1
    assert list(typography.spots(old, old)) == []
