// The keys of the desk. Alt+↑ and Alt+↓ go from row to row of a list and from message to message of a transcript.
// Within them the arrows do so by themselves, and j and k; o opens a row. Single keys mean nothing elsewhere.

const isComposing = (event) => event.isComposing || event.keyCode === 229;
const isField = (node) => Boolean(node.closest?.("textarea, input, select, [contenteditable]"));

const steps = [...document.querySelectorAll(".desk__table tbody th a, .desk__said")];
const within = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
const anywhere = { ArrowDown: 1, ArrowUp: -1 };

for (const step of steps) if (!step.matches("a")) step.tabIndex = -1;
for (const hint of document.querySelectorAll(".desk__keys")) hint.hidden = !steps.length;

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || isField(event.target) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const isInside = Boolean(event.target.closest?.(".desk__scroll, .desk__thread"));
  const by = (event.altKey ? anywhere : isInside ? within : {})[event.key];
  if (by) go(by, event);
  else if (event.key === "o" && isInside && !event.altKey) event.target.closest("a")?.click();
});

function go(by, event) {
  const here = steps.findIndex((one) => one.contains(document.activeElement));
  const next = steps[here < 0 ? 0 : here + by] ?? (by > 0 ? document.querySelector("main [rel=next]") : null);
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
