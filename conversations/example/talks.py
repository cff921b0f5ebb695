"""What the people of the example ask and are told: made of a few dozen pieces, so that no two chats are quite alike."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Talk:
    """A subject: a title, and questions with their answers in an order that makes sense. Braces are filled in."""

    title: str
    turns: tuple[tuple[str, str], ...]


_FILLINGS = {
    "product": ("the Harbour app", "the new portal", "Beacon", "the mobile client", "the reporting tool"),
    "month": ("January", "March", "April", "June", "September", "November"),
    "city": ("Lisbon", "Rotterdam", "Nairobi", "Osaka", "Gdańsk", "Valparaíso"),
    "team": ("the platform team", "sales", "the field team", "our partners", "the board"),
    "count": ("three", "five", "a dozen", "forty", "two hundred"),
    "language": ("Spanish", "German", "Japanese", "Portuguese", "Polish"),
    "table": ("orders", "visits", "invoices", "events", "tickets"),
}

TALKS = (
    Talk("A slow query over {table}", (
        ("This query over {table} takes eight seconds. Where would you look first?\n\n"
         "```sql\nSELECT * FROM {table} WHERE lower(email) = 'a@example.org' ORDER BY created_at DESC LIMIT 20;\n```",
         "The function around `email` keeps the plain index from being used, so every row is read and sorted.\n\n"
         "1. Index the expression together with the order:\n\n```sql\nCREATE INDEX {table}_by_email\n"
         "    ON {table} (lower(email), created_at DESC);\n```\n\n2. Ask only for the columns you show.\n"
         "3. Check with `EXPLAIN (ANALYZE, BUFFERS)` that the sort is gone.\n\nWith the index the first twenty rows are"
         " the first twenty entries, and nothing needs sorting."),
        ("Would that slow the writes down?",
         "A little: each insert has one more entry to write, usually well below a millisecond. It matters only where"
         " {table} are written thousands of times a second. If they are, build it with `CONCURRENTLY` so that nobody"
         " waits meanwhile."),
        ("And how do I find out whether it is used?",
         "After a day, look at `pg_stat_user_indexes`:\n\n```sql\nSELECT indexrelname, idx_scan\n"
         "  FROM pg_stat_user_indexes\n WHERE relname = '{table}'\n ORDER BY idx_scan;\n```\n\nAn index with"
         " `idx_scan = 0` after a normal week only costs you space."),
    )),
    Talk("Release notes for {product}", (
        ("Draft short release notes for {product}: faster start, dark theme, fewer crashes on old phones.",
         "**What is new in {product}**\n\n- **Starts in half the time.** What you used last is there at once.\n"
         "- **A dark theme**, which follows your system or your choice.\n- **Steadier on older phones.** The three most"
         " frequent crashes are gone.\n\nThank you to everybody who sent us a report."),
        ("Shorter, for the store page. At most 200 characters.",
         "Starts twice as fast, has a dark theme, and no longer stumbles on older phones. Thank you for your reports!"),
        ("Now the same in {language}, please.",
         "Of course. I keep the tone friendly and the names as they are; have somebody who speaks {language} read it"
         " once, because store pages are quoted for years. Tell me whether you address people formally or informally."),
    )),
    Talk("Answer to a customer in {city}", (
        ("A customer in {city} waited {count} days for a reply and is rightly angry. Help me answer.",
         "Thank you for writing, and I am sorry: you should have heard from us much sooner.\n\nWhat happened is simple"
         " and our fault. Your message was sorted into the wrong queue. I have taken it over myself, and this is what I"
         " will do today:\n\n1. look into the problem you described,\n2. write to you by this evening,"
         " whatever I find,\n"
         "3. change the rule that lost your message.\n\nYou need not do anything."),
        ("Good. A bit less formal, and offer a month for free.",
         "Sorry about this – you should have heard from us long ago. Your message landed in the wrong queue, which is"
         " on us. I am looking at it right now, you will hear from me by tonight, and next month is on the house."),
    )),
    Talk("Plan for the workshop in {month}", (
        ("Plan a half-day workshop for {team} in {month}: goals, agenda, what to prepare.",
         "**Goal.** Leave with one decision and one owner for each open question.\n\n| Time | What | Who"
         " |\n|:--|:--|:--|\n"
         "| 9:00 | Where we stand, in numbers | you |\n| 9:30 | What hurts: silent writing, then clusters | all |\n"
         "| 10:30 | Break | |\n| 10:45 | Two proposals for each of the top three | groups |\n"
         "| 12:00 | Decide, name owners | all |\n\n**Prepare** a page of figures, and send it two days before."),
        ("We will be {count} people. Does it still work?",
         "Yes, with one change: work in tables of five, each with a host who stays, while the others move on after"
         " twenty minutes. Keep the decisions to the last half hour, and let each table bring just one."),
    )),
    Talk("Reading a long contract", (
        ("What should I look for in the liability clause of a hosting contract?",
         "Four things, in this order:\n\n1. **The cap** – a multiple of the yearly fee is usual; a fixed sum may be too"
         " low.\n2. **What is outside of the cap** – intent, gross negligence, personal data.\n3. **Lost"
         " data** – whether"
         " restoring it counts as damage.\n4. **Notice** – how quickly you have to report a fault.\n\nThis is no legal"
         " advice; let counsel read the final text."),
        ("The cap is the fee of {count} months. Is that little?",
         "It depends on what a day without the service costs you. Put a number on it: turnover of a day, people who"
         " cannot work, penalties of your own. If one bad week costs more than the cap, ask for a higher one for"
         " availability alone; providers often agree to that."),
    )),
    Talk("Tests that fail only at night", (
        ("Our tests fail only at night. They compare dates. Ideas?",
         "At night *today* in your zone and *today* in UTC are different days.\n\n```python\nfrom datetime import UTC,"
         " date, datetime\n\ndate.today()             # the machine's zone\ndatetime.now(UTC).date()  # another day for"
         " some hours\n```\n\nDecide which day you mean, take it from one function, and give the tests a fixed clock."),
        ("How do I give them a fixed clock without a library?",
         "Pass the clock in:\n\n```python\ndef is_overdue(due: date, today: date) -> bool:\n    return due <"
         " today\n```\n\n"
         "The caller asks for the time once, at the edge. Tests then simply say which day it is."),
        ("And with code that I cannot change?",
         "Then run the tests twice, once with `TZ=UTC` and once with `TZ=Pacific/Auckland`. What passes in both at"
         " noon and at midnight has no zone hidden in it."),
    )),
    Talk("Interviews: what did people say?", (
        ("I have notes of {count} interviews about {product}. How do I find themes without fooling myself?",
         "- Code before you count: two people, independently, on the same five notes.\n- Keep the wording of"
         " the people,"
         " not yours.\n- For every theme look for the interview that contradicts it, and report that one"
         " too.\n- Say how"
         " many mentioned it *unprompted*.\n\nThree themes with counter-examples are worth more than ten without."),
        ("Write me the slide that sums this up for {team}.",
         "**What we heard**\n\n1. *“I look for it every time.”* – finding things again is the largest effort.\n"
         "2. *“I ask a colleague instead.”* – help is there, but nobody opens it.\n3. *“It is fast now.”* – the last"
         " release was noticed, by people who were not asked about it.\n\nAgainst it: two people never search at all."),
    )),
    Talk("A formula for the forecast", (
        ("How does exponential smoothing work? I need it for the figures of {month}.",
         "Each forecast is the last one, corrected by a share of its own error:\n\n$$\\hat y_{{t+1}} = \\hat y_t +"
         " \\alpha\\,(y_t - \\hat y_t)$$\n\nA small $\\alpha$ forgets slowly, a large one follows every jump."
         " For monthly"
         " figures something between 0.1 and 0.3 is a sober start."),
        ("And the seasons?",
         "Then keep a second value for each month of the year and smooth it in the same way: that is the method of Holt"
         " and Winters. You need at least two full years, otherwise it learns the noise of one."),
    )),
    Talk("Names for the new feature", (
        ("Ten names for a feature of {product} that sums up long threads. Short, no buzzwords.",
         "Gist · Digest · Recap · In short · Essence · Brief · The upshot · So far · Nutshell · Where we"
         " are\n\nMy favourite"
         " is **So far**: it says that there is more to come, and that reading the thread is still allowed."),
    )),
    Talk("把周报写得更短", (
        ("帮我把这份周报压缩到五句话：上线了新的搜索、修复了{count}个问题、下周开始测试。",
         "本周上线了新的搜索，结果出现得更快，也能找到中文的单字词。\n\n我们同时修复了积压的问题，用户反馈明显减少。"
         "目前没有阻塞事项。下周开始内部测试，邀请各组各派一人参加。请在周五之前把名单发给我。"),
        ("语气再正式一点。",
         "本周，新版搜索功能已正式上线，检索速度与中文支持均有显著提升。同期完成了积压问题的修复工作，各项指标运行平稳。"
         "下周将启动内部测试，敬请各部门于周五前指定一名参与人员。"),
    )),
    Talk("产品说明的翻译", (
        ("把 “Everything stays on your own server.” 译成自然的中文，给三个版本。",
         "1. 所有数据都留在您自己的服务器上。\n2. 一切内容只存放在您自己的服务器中。\n3. 数据不出您的服务器。\n\n"
         "第一句最稳妥，适合产品说明；第三句最短，适合做标题。"),
    )),
    Talk("Lunch for {count} people in {city}", (
        ("We are {count} people, some vegan, one allergic to nuts. Lunch in {city}: what do I ask the restaurant?",
         "Ask four things, and ask for the answers in writing:\n\n- Which dishes are vegan *as they are*, not"
         " on request?\n"
         "- Are nuts used in the kitchen at all, and on shared boards?\n- Until when may the number of people change?\n"
         "- Is a deposit due, and is it lost if somebody is ill?\n\nSend the menu around two days before, with names."),
    )),
)  # fmt: skip


def pick(chance: Random) -> Talk:
    """Return a subject with everything filled in."""
    talk = chance.choice(TALKS)
    words = {name: chance.choice(choices) for name, choices in _FILLINGS.items()}
    turns = tuple((asked.format(**words), answered.format(**words)) for asked, answered in talk.turns)
    return Talk(talk.title.format(**words), turns)
