"""Scripts and spellings that the search treats as one: Traditional and Simplified, 函式 and 函数.

The tables are made here and applied twice: to what is indexed, and by the browser to what is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ..traditional import opencc

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_BASIC_HAN = tuple(map(chr, range(0x4E00, 0xA000)))
_ONLY_HAN = re.compile(f"{HAN.pattern}{{2,}}")

# Computing words of Taiwan, in Simplified characters, and those of the mainland for the same.
_TAIWAN = """
函式 函数  资料 数据  程式码 代码  程式 程序  视窗 窗口  记忆体 内存  最佳化 优化  呼叫 调用
伺服器 服务器  网路 网络  资讯 信息  讯息 消息  软体 软件  硬体 硬件  演算法 算法  品质 质量
晶片 芯片  快取 缓存  平行化 并行  平行 并行  排程 调度  丛集 集群  储存 存储  影像 图像
图片 图像  影片 视频  语意 语义  文字 文本  搜寻 搜索  智慧 智能  介面 接口  模组 模块
支援 支持  预设 默认  即时 实时  阵列 数组  变数 变量  回馈 反馈  位元组 字节  位元 比特
字元 字符  字串 字符串  频宽 带宽  解析度 分辨率  机率 概率  类神经 神经  监督式 监督
非监督 无监督  强化式 强化  递回 递归  递迴 递归  回圈 循环  杂讯 噪声  词汇 词表  前馈式 前馈
提示词 提示  脉络 上下文  情境 上下文  资料库 数据库  开放原始码 开源  开放源码 开源
取样 采样  抽样 采样  扩增 增强  样板 模板  范本 模板  权杖 令牌  使用者 用户
"""
_SAME = """
人工智能 ai  人工智慧 ai
"""


def characters(text: str) -> tuple[str, str]:
    """Return Traditional characters and, at the same positions, their Simplified forms.

    A query may hold a Traditional character that the texts have only in its Simplified form, so
    every character is included whose Simplified form occurs.

    Args:
        text: What is indexed.
    """
    occurring = set(simplified(text))
    pairs = [(old, new) for old, new in _simplified_of().items() if new in occurring]
    return "".join(old for old, _ in pairs), "".join(new for _, new in pairs)


def synonyms(text: str, phrases: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of a word and the one it is read as, both in Simplified characters.

    Args:
        text: What is indexed; words that do not matter for it are left out.
        phrases: Simplified phrase -> Traditional phrase, as the glossary has them.
    """
    return sorted(_words(simplified(text), phrases))


def _words(text: str, phrases: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = f"{_TAIWAN} {_SAME}".split()
    pairs = dict(zip(known[::2], known[1::2], strict=True))
    for ours, taiwanese in phrases.items():
        theirs = simplified(taiwanese)
        if _ONLY_HAN.fullmatch(theirs) and _ONLY_HAN.fullmatch(ours):
            pairs.setdefault(theirs, ours)
    for theirs, ours in pairs.items():
        if theirs != ours and (theirs in text or ours in text) and ours not in pairs:
            yield theirs, ours


def simplified(text: str) -> str:
    """Replace Traditional characters one by one, just as the browser will."""
    return text.translate(_translation())


@lru_cache(maxsize=1)
def _simplified_of() -> Mapping[str, str]:
    """From each Traditional character to its Simplified form.

    Only characters that Big5 has: the rest are historical variants that nobody types.
    """
    converted = opencc("t2s").convert("\n".join(_BASIC_HAN)).split("\n")
    return {
        character: form
        for character, form in zip(_BASIC_HAN, converted, strict=True)
        if character != form and len(form) == 1 and _encodes(character, "big5")
    }


@lru_cache(maxsize=1)
def _translation() -> Mapping[int, str]:
    return {ord(old): new for old, new in _simplified_of().items()}


@lru_cache(maxsize=1)
def common_characters() -> str:
    """Return the 3,755 everyday characters of GB 2312, in the order of that standard."""
    rows = range(0xB0, 0xD8)
    cells = range(0xA1, 0xFF)
    return b"".join(bytes((row, cell)) for row in rows for cell in cells).decode(
        "gb2312", errors="ignore"
    )


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
