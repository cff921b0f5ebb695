import { focusOn, isField } from "../helpers/dom.js";

// Quote into the composer: what is selected in a message, or the whole of it where nothing is.

const NOTHING = { article: null, text: "" };

let held = NOTHING; // what was selected before the press that opens a menu, which lets go of it

export function start() {
  const hold = ({ target, key, ctrlKey, metaKey }) => {
    const isTyped = key && isField(target) && !ctrlKey && !metaKey;
    if (!isTyped && !target.closest?.("dialog")) held = selected();
  };
  document.addEventListener("pointerdown", hold, { capture: true });
  document.addEventListener("keydown", hold, { capture: true });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do=quote]");
    if (button) quote(button);
  });
}

// From the menu of a message; by keys, what is selected anywhere, or the message with the focus.
function quote(button) {
  const dialog = button.closest("dialog");
  const article = dialog ? document.getElementById(`m-${button.dataset.message}`) : document.activeElement.closest("article");
  const text = !dialog || held.article === article ? held.text : "";
  const said = text || article?.querySelector("[data-source]")?.value.trim();
  if (!said) return;
  dialog?.addEventListener("close", () => put(said), { once: true });
  if (dialog) dialog.close();
  else put(said);
}

function put(text) {
  const field = document.querySelector("chat-composer textarea");
  const lines = text.split("\n").map((line) => `> ${line}`.trimEnd());
  field.value = `${field.value.trimEnd()}\n\n${lines.join("\n")}\n\n`.trimStart();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  focusOn(field);
  field.setSelectionRange(field.value.length, field.value.length);
}

function selected() {
  const selection = getSelection();
  const article = selection.anchorNode?.parentElement?.closest("#thread article");
  return article?.contains(selection.focusNode) ? { article, text: selection.toString().trim() } : NOTHING;
}
