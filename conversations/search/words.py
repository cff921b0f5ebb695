"""One tokenizer for both databases: what of a text can be found, and by which words.

A text becomes ``words``, in their order, and ``singles``. Words are folded: compatibility forms (full width, ligatures)
become plain ones, case and the accents of Latin, Greek, Cyrillic, Hebrew and Arabic letters are left out. Scripts that
are written without spaces (Chinese, Japanese, Korean, Thai, Lao, Burmese, Khmer) become overlapping pairs; their
single characters stand beside the order, so that a word of one character is found, too, which an index of
trigrams cannot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 64
"""Characters of a word that count; what is longer is no word but an encoded file."""

# Han with its extensions, kana, hangul, bopomofo, and the scripts of South East Asia. Punctuation of these blocks is
# left out by asking each character once more whether it is a letter.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3041-\u30ff\u3105-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f"
    "\U00020000-\U000323af"
)
# Signs that belong to the letter before them, in scripts whose vowels are signs.
_SIGNS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0f18-\u0fbc"
_WORD = re.compile(f"[{_UNSPACED}]+|(?:(?![{_UNSPACED}_])[\\w{_SIGNS}])+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_PLAIN_WORD = re.compile("[a-z0-9]+")
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]+"
)
_SILENT = re.compile("[\u3000-\u3004\u3008-\u3030\u30a0\u30fb\u0e3f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u17d4-\u17db]+")


@dataclass(frozen=True, slots=True)
class Words:
    """What a text can be found by."""

    words: list[str]
    singles: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A word of a text, or a run of characters without spaces, and where it stands."""

    text: str  # folded
    start: int
    end: int
    is_run: bool


def fold(text: str) -> str:
    """Return a text as it is compared: case, width and accents make no difference.

    >>> fold("Ｃafé Straße ﬁn が 각")
    'cafe strasse fin が 각'
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", apart)).casefold()


def tokenize(text: str) -> Words:
    """Return what ``text`` can be found by.

    >>> tokenize("The Café: 手机壳!")
    Words(words=['the', 'cafe', '手机', '机壳'], singles=['手', '机', '壳'])
    """
    if text.isascii():
        return Words([word[:LONGEST_WORD] for word in _PLAIN_WORD.findall(text.lower())], [])
    words: list[str] = []
    singles: dict[str, None] = {}
    for part in _WORD.findall(fold(text)):
        if _IS_UNSPACED.match(part):
            for run in filter(None, _SILENT.split(part)):
                words.extend(pairs_of(run))
                singles.update(dict.fromkeys(run))
        else:
            words.append(part[:LONGEST_WORD])
    return Words(words, list(singles))


def pairs_of(run: str) -> list[str]:
    """Return the overlapping pairs of a run of characters; none of a single one."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def locate(text: str) -> Iterator[Found]:
    """Give the words of a text as it is written, with their places, for showing what was found."""
    for match in _WORD.finditer(text):
        folded = fold(match.group())
        yield Found(folded, match.start(), match.end(), _IS_UNSPACED.match(folded) is not None)


_SCRIPTS = (
    ("ja", "\u3041-\u30ff"),  # kana before Han: Japanese has both
    ("zh", "\u4e00-\u9fff"),
    ("ko", "\uac00-\ud7a3"),
    ("ru", "\u0400-\u04ff"),
    ("el", "\u0370-\u03ff"),
    ("ar", "\u0600-\u06ff"),
    ("he", "\u0590-\u05ff"),
    ("hi", "\u0900-\u097f"),
    ("th", "\u0e00-\u0e7f"),
)
LANGUAGES = tuple(code for code, _ in _SCRIPTS)
"""What ``language_of`` can tell; all that is written in Latin letters is one to it."""


def language_of(text: str) -> str:
    """Guess a language from the script of the first 500 characters: a tenth of its letters is enough, else empty."""
    sample = text[:500]
    letters = sum(map(str.isalpha, sample))
    for code, characters in _SCRIPTS:
        if letters and len(re.findall(f"[{characters}]", sample)) * 10 >= letters:
            return code
    return ""
