"""Tags that every template knows without loading them."""

from __future__ import annotations

from django.template import Library, TemplateSyntaxError
from django.template.base import Parser, TextNode, Token

register = Library()

_MARKUP = '<svg class="icon icon--{name}" aria-hidden="true"><use href="#i-{name}"/></svg>'


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
