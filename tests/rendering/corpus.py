"""Texts for the rendering tests: whole answers, every construct at its edges, and the pieces to build more from."""

from __future__ import annotations

PIECES = [
    "word",
    " ",
    "\n",
    "\n\n",
    "  ",
    "    ",
    "\t",
    "# ",
    "## ",
    "### ",
    "##### ",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "> ",
    "```",
    "```python\n",
    "~~~",
    "`",
    "``",
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "[a]",
    "[a]: https://x.org/1\n",
    "[a]: /u",
    "![",
    "[t](https://x.org)",
    "[t](javascript:x)",
    "| a | b |\n",
    "|---|---|\n",
    "|",
    "--",
    "---\n",
    "===\n",
    "=",
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\",
    "x^2",
    "\\frac{a}{b}",
    "<b>",
    "&amp;",
    "&",
    "<",
    "https://example.org/a_b",
    "www.x.org",
    "me@example.org",
    "- [ ] ",
    "- [x] ",
    "***\n",
    "def f(): pass\n",
    "'''",
    '"""',
    "/* c */",
    "中文",
    "😀",
    "é",
    "\r\n",
    "\r",
    "!",
    ":",
    "10",
    "a|b",
    "\\|",
    "  \n",
    "\\\n",
    "'",
    '"',
    "{",
    "}",
    "[x][y]",
    "[y]: <https://y.org> 'title'\n",
]

ANSWER = """# A plan

Here is **what** we do, in `three` steps, with a [link](https://example.org/a?b=c&d=e) and ~~no~~ doubts:

1. First, *read* the text.
2. Then run this:

   ```bash
   make run && echo "done"
   ```

3. At last:
   - nested **item**
   - [x] done
   - [ ] open

| Store | Reads | Writes |
|:------|------:|:------:|
| A     | 1,000 | `fast` |
| B     | 20    | slow   |

```python
class Bucket:
    \"\"\"Allow `rate` per second.

    And more.\"\"\"

    def take(self, n: int = 1) -> bool:
        return n < 3  # comment
```

> A quote with **bold**
> over two lines

The sum is $\\sum_{i=0}^n i = \\frac{n(n+1)}{2}$, that is

$$
x = \\begin{matrix}1 & 2 \\\\ 3 & 4\\end{matrix}
$$

It costs $5 today and $6 tomorrow. See https://example.org/path_(x) and [the docs][docs].

[docs]: https://docs.example.org "Docs"

---

Last paragraph, with a hard break  
and 中文 and 😀.
"""

EXAMPLES = [
    ANSWER,
    "foo\n***bold***\n",
    "foo\n***\nbar",
    "a\nb | c\n--- | ---\n1 | 2\n",
    "a\nb | c\n--- | --x\n",
    "a | b\n--|--\n",
    "title\n===\n\ntext\n---\nmore",
    "- a\n\n\n  b\n\nc",
    "- a\n- b\n\n- c\n\ntext",
    "- a\n* b\n+ c\n1. d\n2) e\n",
    "> a\nb\n\n> c\n",
    "1. one\n\n   two\n\n       code\n",
    "```\nopen fence",
    "```py\nx\n``\ny\n````\nafter",
    "~~~ruby\nputs 1\n~~~\n~~~\nx",
    "  ```js\n  let a\n  ```\ntext",
    "a\n```\ncode\n```\nb",
    "`` a ` b `` and ` c `\n",
    "[a]: https://x.org\n[b]: https://y.org 'multi\nline'\ntext [a] [b]",
    '[a]: https://x.org\n"not a title" x\n\n[a]',
    '[a]: https://x.org\n"title\n\ncut"\n\n[a]',
    "[a]:\nhttps://x.org\n\n[a] [A] [ a ]",
    "use [b] first\n\n- [b] in list\n\n[b]: https://b.org\n\n[b]: https://late.org\n",
    "x [foo\\]] y\n\nmid\n\n[foo\\]]: https://x.org\n",
    "[a]: https://x.org\n# heading\ntext\n\nmore\n",
    "[a]: https://x.org\n```\nfence\n```\n",
    "![pic](https://x.org/p.png) ![](https://x.org/q.png) ![no][a]\n\n[a]: https://x.org/r.png\n",
    "$$x$$\n$$\na\n$$ b\n\n$$\nnever closed\n\ntext\n",
    "a\n$$\nx^2\n$$\nb\n\\[ y \\]\nc\n\\[\nz\n\\]\n",
    "\\(x\\) \\[y\\] $z$ $ 5 $ $5 $6 \\$7$ $a\nb$\n",
    "$\\unknown{$ and $$\\bad{$$\n",
    "    code\n\n    more\n\ntext\n\tcode\n",
    "* * *\n- - -\n_ _ _\n",
    "#\n# #\n####### seven\n#no\n",
    "### three\n\n##### five [a]\n\n#### four\n\n# one\n\n> ## two\n\n- ### three\n\n###### six\n\n[a]: https://x.org\n",
    "**bold *and italic***, __x__ _y_ snake_case_name 2*3*4\n",
    "a\\\nb  \nc\\*d\\\n",
    "<script>alert(1)</script>\n\n<div>\n\n&lt;b&gt; &#x41; &nope;\n",
    "https://example.org/a_b*c*, http://x.org. (https://y.org) ftp://no.org //no.org\n",
    "- ```\n  in list\n  ```\n- after\n",
    "> ```py\n> x = 1\n> ```\n> text\n",
    "| a |\n|---|\n| **b** |\n| `c | d` |\ntext\n",
    "| | |\n|-|-|\n|x\n\n|y|\n",
    "- [ ] a\n- [x] b\n  - [X] c\n- [y] d\n- [ ]\n",
    "1986\\. A year\n\n1986. list\n",
    "\n\n\n   \n\t\ntext\n\n\n",
    "",
    "\n",
    "中文**加粗**中文，`代码`。\n\n- 列表😀\n",
    "a\r\nb\r\rc\r\n\r\n```\r\nx\r\n```\r\n",
    "```html\n<script>\nlet a = `x`;\n</script>\n<style>b{}</style>\n```\n",
    '```c\n/* open\nint x; */ int y;\n"/* no */"\n```\n',
    "```diff\n+a\n-b\n@@ c\n```\n```unknown-language\nx <y>\n```\n",
    "```" + "x" * 50 + "`bad\ntext\n",
    "a " * 400 + "\n\n" + "b " * 10,
]
