"""The one stylesheet that browsers get says what its parts say."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from chatsite.static_files import parts, stylesheet
from tests.browser.workbench import open_workbench

STATIC = Path(__file__).resolve().parents[2] / "static"

RULES = r"""(text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  const said = [];
  // Blanks stay as they are written in conditions and in custom properties; all else the browser writes in its own way.
  const walk = (rules, within) => {
    for (const rule of rules) {
      const name = rule.selectorText?.split(", ").map((one) => (one.includes("&") ? one : `& ${one}`)).join(", ");
      const own = name ?? rule.cssText.split("{")[0].trim();
      if (rule.style) said.push([...within, own, rule.style.cssText].join(" | ").replace(/\s*([,/:])\s*/g, "$1"));
      if (rule.cssRules) walk(rule.cssRules, [...within, own]);
    }
  };
  walk(sheet.cssRules, []);
  return said;
}"""


def test_the_joined_sheet_has_the_rules_of_its_parts_in_their_order(page: Page) -> None:
    open_workbench(page)
    whole = page.evaluate(RULES, "\n".join(part.read_text(encoding="utf-8") for part in parts(STATIC)))
    joined = page.evaluate(RULES, stylesheet(STATIC))
    assert len(whole) > 400
    assert joined == whole
