import { all, focusOn, isComposing, isField } from "../helpers/dom.js";

// In an open menu arrows, Home, End and the first letter of an entry move the focus.

const ENTRIES = "a[href], button, input";

export function walkMenus() {
  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || isField(event.target) || event.defaultPrevented) return;
    const menu = all(".menu:popover-open").at(-1);
    if (!menu || event.ctrlKey || event.metaKey || event.altKey) return;
    const entries = all(ENTRIES, menu).filter((entry) => entry.checkVisibility());
    const next = chosen(event.key, entries, entries.indexOf(document.activeElement));
    if (!next) return;
    event.preventDefault();
    focusOn(next);
  });
}

function chosen(key, entries, at) {
  if (key === "ArrowDown") return entries[(at + 1) % entries.length];
  if (key === "ArrowUp") return entries.at(Math.max(at, 0) - 1);
  if (key === "Home") return entries[0];
  if (key === "End") return entries.at(-1);
  if (key.length > 1 || key === " ") return null;
  const begins = (entry) => entry.textContent.trim().toLowerCase().startsWith(key.toLowerCase());
  return [...entries.slice(at + 1), ...entries.slice(0, at + 1)].find(begins);
}
