"""The embedded demo provider: a real OpenAI-compatible server on a loopback port, for all who have no key yet.

What lives here: ``http`` (just enough of HTTP/1.1 on asyncio streams; the tests' scripted provider uses it too),
``server`` (the API), ``answers`` (what the demo models say), ``showcase`` (their texts), ``pictures`` (what a
image shows).

It may import: the standard library and Pillow. Nothing of ours: it is a stranger that happens to live in our house.

What must stay true: it speaks the API exactly as providers do, so that whatever works here works with a real
one, and every state of the page can be reached by a command.
"""

from conversations.demo.server import MODELS, DemoServer, serve_demo

__all__ = ["MODELS", "DemoServer", "serve_demo"]
