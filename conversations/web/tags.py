"""Tags that every template knows without loading them."""

from __future__ import annotations

from collections.abc import Sequence

from django.template import Context, Library, TemplateSyntaxError
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from conversations.web.browsers import browser_of

register = Library()

_MARKUP = '<svg class="icon icon--{name}" aria-hidden="true"><use href="#i-{name}"/></svg>'


@register.filter
def grouped(number: int) -> str:
    """Return a large number as people write it: ``{{ most|grouped }}``."""
    return str(number_format(number, use_l10n=True, force_grouping=True))


@register.filter
def browser(agent: str) -> str:
    """Return who a User-Agent says it is, in words."""
    return browser_of(agent)


@register.tag
def icon(parser: Parser, token: Token) -> TextNode:
    """Put one icon of the set in ``_icons.html``: ``{% icon "close" %}``, beside words or inside something with a name.

    It becomes text when the template is read, not when it is shown: a page holds two hundred, and as included
    templates they took a third of its time.
    """
    name = "".join(token.split_contents()[1:]).strip("\"'")
    if not name.replace("-", "").isalnum():
        raise TemplateSyntaxError(f"An icon has a name: {token.contents}")
    return TextNode(_MARKUP.format(name=name))


@register.tag
def same(parser: Parser, token: Token) -> Same:
    """Keep ``{% same [name …] %}…{% endsame %}`` as it came out for the first person of each language.

    Inside nothing of the page is known but the values that are named, which must be the same for everybody.
    """
    nodes = parser.parse(("endsame",))
    parser.delete_first_token()
    return Same(nodes, token.split_contents()[1:])


class Same(Node):
    """What does not differ from one person to the next; kept as long as its template is."""

    def __init__(self, nodelist: NodeList, names: Sequence[str]) -> None:
        self.nodelist = nodelist
        self._names = names
        self._kept: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self._kept:
            named = {name: context[name] for name in self._names}
            self._kept[language] = self.nodelist.render(context.new(named))
        return self._kept[language]
