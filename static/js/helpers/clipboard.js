// Copying, also where the browser offers no clipboard (plain http): a field that is never seen, and the old command.

export async function copy(text, html = "") {
  try {
    if (html && globalThis.ClipboardItem) await navigator.clipboard.write([item(text, html)]);
    else await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

const item = (text, html) =>
  new ClipboardItem({
    "text/plain": new Blob([text], { type: "text/plain" }),
    "text/html": new Blob([html], { type: "text/html" }),
  });

function copyBySelection(text) {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "quiet";
  field.readOnly = true;
  (document.querySelector("dialog[open]") ?? document.body).append(field); // all else is inert
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return done;
}
