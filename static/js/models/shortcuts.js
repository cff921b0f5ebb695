import { all, isComposing } from "../helpers/dom.js";
import { local, readJson, writeJson } from "../helpers/storage.js";

// Keys of the page. What carries data-key="ctrl+k" is pressed by these keys; a person may switch each off.

const STORED = "keys-off";

export const isOff = (key) => (readJson(local(), STORED) ?? []).includes(key);

export function setOff(key, off) {
  const others = (readJson(local(), STORED) ?? []).filter((one) => one !== key);
  writeJson(local(), STORED, off ? [...others, key] : others);
}

// `ready` gives a promise of what the keys need.
export function start(ready) {
  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.altKey || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    const name = `ctrl+${event.shiftKey && !"/'".includes(key) ? "shift+" : ""}${key}`; // some layouts need Shift for these
    const controls = all(`[data-key="${CSS.escape(name)}"]`);
    const control = controls.find((one) => one.checkVisibility()) ?? controls[0];
    if (!control || isOff(name)) return;
    event.preventDefault();
    ready().then(() => press(control));
  });
}

function press(control) {
  if (control.localName !== "select") control.click();
  else if (control.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }))) control.showPicker();
}
