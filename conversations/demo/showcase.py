"""The texts of the demo models. They show what the page can do; they are read by everybody who has no key yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

HELP: Final = """## What the demo can do

No model is behind this answer: a small server on your own machine writes it, the way a real provider would.

| Command | What happens |
|:--|:--|
| `/markdown` | the whole showcase of formats |
| `/code` · `/table` · `/math` | one of them |
| `/echo some text` | the text comes back, formatted |
| `/long 2000` | an answer of so many words |
| `/slow` | an answer that takes its time |
| `/length` | an answer that ends at the length limit |
| `/fail 429` | too many requests; also `400` `401` `402` `500` |
| `/fail cut` | the connection breaks in the middle |
| `/fail stall` | the answer stops and nothing more comes |
| `/fail midway` | an error in the middle of the answer |
| `/fail nonsense` · `/fail html` | something that is not an answer |
| `/fail refuse` · `/fail long` | refused by policy · too long for the model |

Anything else gets an ordinary answer. Try *demo-reasoning* to see a model think, and *demo-vision* with a picture.
"""

CODE: Final = '''Here is a small program that counts the words of a text:

```python
from collections import Counter
from pathlib import Path


def most_common_words(path: Path, count: int = 10) -> list[tuple[str, int]]:
    """Return the words that occur most often, with how often they do."""
    words = path.read_text(encoding="utf-8").lower().split()
    return Counter(word.strip(".,;:!?") for word in words).most_common(count)


if __name__ == "__main__":
    for word, times in most_common_words(Path("book.txt")):
        print(f"{times:>6}  {word}")
```

Run it with `python count.py`, or let the shell do the same:

```sh
tr -cs '[:alpha:]' '\\n' < book.txt | sort | uniq -c | sort -rn | head
```
'''

TABLE: Final = """The planets nearest to the Sun, with their day and their year:

| Planet | Diameter | Day | Year | Moons |
|:--|--:|--:|--:|:-:|
| Mercury | 4,879 km | 176 days | 88 days | – |
| Venus | 12,104 km | 117 days | 225 days | – |
| Earth | 12,742 km | 24 h | 365.25 days | 1 |
| Mars | 6,779 km | 24 h 40 min | 687 days | 2 |

On **Mercury** a day is longer than a year: *twice* as long.
"""

MATH: Final = r"""A quadratic equation $ax^2 + bx + c = 0$ with $a \neq 0$ has the solutions

$$
x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
$$

and they are real exactly if $b^2 \ge 4ac$. Just as short, and rather deeper:

$$
\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
$$
"""

MARKDOWN: Final = f"""# A tour of the formats

A paragraph may be **bold**, *italic*, ***both***, ~~struck out~~ or `code`, and it may hold
a [link to the CommonMark site](https://commonmark.org/) or a bare address such as https://www.w3.org/.

## Lists

1. First of all, an ordered list
2. that may hold other lists:
   - with a point
   - and another
     - which goes deeper
3. and goes on.

### Things to do

- [x] Start the site
- [x] Write the first message
- [ ] Put a key into `.env`
- [ ] Invite the others

## Quotations

> The question of whether a computer can think is no more interesting
> than the question of whether a submarine can swim.
>
> — after Edsger W. Dijkstra

## Code

{CODE}
## Tables

{TABLE}
## Formulas

{MATH}
---

Characters of the whole world: Ünïcödé, Ελληνικά, русский, 中文, 日本語, العربية, עברית, हिन्दी, 👩‍🚀 🏳️‍🌈 🇪🇺.

That is all. `/help` lists the rest.
"""

FIRST: Final = """Here is what an answer may hold:

- **formatted text**, which appears finished *while* it is being written
- lists and tasks
  - [x] the site runs
  - [ ] a key is in `.env`
- `code`, with a button to copy it:

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"
```

| You write | You get |
|:--|:--|
| `/markdown` | all the formats |
| `/long 2000` | a long answer |
| `/fail cut` | a broken connection |

And formulas, such as $e^{i\\pi} + 1 = 0$."""

CLOSING: Final = (
    "Put `OPENAI_API_KEY` (and, for a provider other than OpenAI, `OPENAI_BASE_URL`) into `.env` to talk to a real "
    "model. Until then, `/help` tells what else I can do."
)

NO_PICTURE: Final = "You have sent no picture with this message. Add one, and I tell its format and size."

SLOW: Final = (
    "This answer takes its time, word by word. Close the tab if you like, or reload the page: it goes on being "
    "written on the server, and when you come back it is all there. Or press *Stop*: what you have seen stays."
)

CUT_SHORT: Final = (
    "This answer ends because it has reached the length that the model may write. A real one would stop just as "
    "suddenly, in the middle of a sentence, and *Continue* would make it"
)

BEFORE_FAILURE: Final = (
    "This answer begins well. It has a first sentence and a second one, a **bold** word and some `code`, "
    "and then, when nobody expects it, something goes"
)

_SENTENCES: Final = (
    "The lighthouse keeper counted the ships that passed and gave each of them a name.",
    "Every morning the sea had moved the stones a little, as if it were looking for something.",
    "There were **three rules** on the island, and nobody remembered the second one.",
    "Letters came once a month, and she read them slowly, a page a day.",
    "In the evening the lamp turned, and its beam went round like the hand of a patient clock.",
    "He had learned to tell the weather from the way the gulls stood on the roof.",
    "What the map called a harbour was in truth *two posts and a rope*.",
    "The radio spoke of a city that neither of them had seen.",
    "When the fog came in, they rang the bell every `90` seconds, day and night.",
    "Nothing was ever lost there; it only washed up on another beach.",
)
_SENTENCES_PER_PARAGRAPH: Final = 5
_PARAGRAPHS_PER_CHAPTER: Final = 4


def greeting(question: str, count: int) -> str:
    """Return the first lines of an answer: what was asked, and the how-manieth message it is."""
    if not question:
        return "You have sent a message without words."
    if count == 1:
        return (
            f"You asked:\n\n> {question}\n\nI am the **demo provider**, so I cannot answer that. No model is behind me."
        )
    return f"You asked:\n\n> {question}\n\nThis is your **{_ordinal(count)} message** in this conversation."


def remembering(first: str) -> str:
    """Return what shows that the earlier turns were sent along."""
    if not first:
        return "The earlier messages were sent along with it, as they are to a real model."
    return f"The earlier messages were sent along with it, as they are to a real model: you began with “{first}”."


def pictures_seen(descriptions: Sequence[str]) -> str:
    """Return what is said of the pictures in a question."""
    if len(descriptions) == 1:
        return f"You have sent {descriptions[0]}."
    return "You have sent these pictures:\n\n" + "\n".join(f"{n}. {text}" for n, text in enumerate(descriptions, 1))


def reasoning_about(question: str) -> str:
    """Return what a reasoning model thinks before it answers."""
    return (
        f"The person writes: “{question or 'nothing'}”. Let me think about what they need.\n\n"
        "They may want to see how thinking is shown: folded away, but there to be opened. A model would now weigh "
        "several ways to answer, try one, find a flaw in it and try another.\n\n"
        "I have no model behind me, so I settle for the ordinary answer of the demo."
    )


def long_text(words: int) -> str:
    """Return a story of exactly so many words, in chapters and paragraphs."""
    parts: list[str] = []
    left, sentence = words, 0
    while left > 0:
        if sentence % (_SENTENCES_PER_PARAGRAPH * _PARAGRAPHS_PER_CHAPTER) == 0 and left > 2:
            parts.append(f"\n\n## Chapter {sentence // (_SENTENCES_PER_PARAGRAPH * _PARAGRAPHS_PER_CHAPTER) + 1}")
            left -= 2
        piece = _SENTENCES[sentence * 7 % len(_SENTENCES)].split()[:left]
        parts.append(("\n\n" if sentence % _SENTENCES_PER_PARAGRAPH == 0 else " ") + " ".join(piece))
        left -= len(piece)
        sentence += 1
    return "".join(parts).strip()


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
