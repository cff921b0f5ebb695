"""A model whose provider fails is replaced before the first word, and the page is told by whom."""

from __future__ import annotations

from tests.fakes.scripts import Script, answer, error, status
from tests.fakes.upstream import RecordedRequest
from tests.support.site import Site
from tests.support.socket import open_page


def only_the_other_answers(request: RecordedRequest) -> Script:
    if request.model == "test-model":
        return [status(401, error("invalid_api_key", "Incorrect API key provided"))]
    return answer("fine", counts=(3, 4))


async def test_the_fallback_answers_and_its_use_is_booked(live_site: Site) -> None:
    alice = live_site.visitor()
    live_site.rows(
        "UPDATE conversations_chatmodel SET temperature = 0.5, fallback_id ="
        " (SELECT id FROM conversations_chatmodel WHERE key = 'other-model')"
    )
    live_site.provider.default = only_the_other_answers
    async with open_page(live_site, alice) as page:
        asked = await page.ask(model="test-model")
        end = await page.end_of(asked["answer"])
        await page.until("conversation", title="A scripted title")
    assert end["status"] == "complete"
    assert "Other Model instead of Test Model" in end["html"]
    assert [request.model for request in live_site.provider.requests] == ["test-model", "other-model"]
    assert [request.json["temperature"] for request in live_site.provider.requests] == [0.5, 0.5]
    booked = "SELECT model_label, answers, messages, failures, prompt_tokens, completion_tokens"
    for table in ("usageday", "usagemonth"):
        assert live_site.rows(f"{booked} FROM conversations_{table}") == [("Other Model", 1, 1, 0, 3, 4)]
    assert live_site.provider.title_requests[0].model == "other-model"
