import { clone, focusOn, isComposing, isField, setText } from "../helpers/dom.js";
import { post } from "../helpers/http.js";
import { readJson, session, writeJson } from "../helpers/storage.js";
import { word } from "../helpers/text.js";

// Results that have no place of their own, and the way back after a deletion. A toast waits while the pointer or
// the focus is on it, and one with an Undo outlives the page that made it.

const LIFE = 10_000;
const MOST = 3;
const KEY = "undo";

export default class ToastList extends HTMLElement {
  #toasts = new Map(); // node → { left, timer, since, undo }
  #leaving = new AbortController();

  // Lifecycle

  connectedCallback() {
    const options = { signal: this.#leaving.signal };
    document.addEventListener("chat:toast", ({ detail }) => this.#add(detail), options);
    document.addEventListener("keydown", (event) => this.#keyed(event), options);
    this.addEventListener("click", (event) => this.#clicked(event), options);
    for (const name of ["pointerenter", "focusin"]) this.addEventListener(name, () => this.#pause(), options);
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, () => this.#resume(), options);
    this.#restore();
  }

  disconnectedCallback() {
    this.#leaving.abort();
    for (const { timer } of this.#toasts.values()) clearTimeout(timer);
  }

  // Actions

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    const toast = [...this.#toasts.keys()].find((node) => node.contains(button));
    if (!toast) return;
    event.preventDefault();
    if (button.dataset.do === "undo") this.#undo(toast);
    else this.#remove(toast);
  }

  // Ctrl+Z undoes the last deletion, unless a field has something of its own to undo.
  #keyed(event) {
    if (isComposing(event) || event.key !== "z" || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
    if (isField(event.target) && event.target.value) return;
    const last = [...this.#toasts].findLast(([, { undo }]) => undo);
    if (!last) return;
    event.preventDefault();
    this.#undo(last[0]);
  }

  // Internal

  #add({ text, undo = null, left = LIFE }) {
    const node = clone("t-toast");
    if (!node) return;
    setText(node.querySelector("[data-words]"), text);
    if (!undo) node.querySelector("[data-do=undo]")?.remove();
    this.append(node);
    this.#raise();
    this.#toasts.set(node, { left, undo, timer: 0, since: 0 });
    if (undo) writeJson(session(), KEY, { text, undo, until: Date.now() + left });
    this.#run(node);
    while (this.#toasts.size > MOST) this.#remove(this.#toasts.keys().next().value);
  }

  // Above everything, also above an open drawer: the top layer knows no z-index.
  #raise() {
    if (this.matches(":popover-open")) this.hidePopover();
    this.showPopover?.();
  }

  #restore() {
    const kept = readJson(session(), KEY);
    const left = (kept?.until ?? 0) - Date.now();
    if (left > 0) this.#add({ text: kept.text, undo: kept.undo, left });
  }

  async #undo(toast) {
    const { undo } = this.#toasts.get(toast);
    this.#remove(toast);
    const done = await post(undo.url);
    if (!done.ok) this.#add({ text: done.message || word("not-saved") });
    else document.dispatchEvent(new CustomEvent("chat:undone", { detail: undo }));
  }

  #remove(toast) {
    const entry = this.#toasts.get(toast);
    clearTimeout(entry?.timer);
    this.#toasts.delete(toast);
    if (entry?.undo) writeJson(session(), KEY, null);
    const hadFocus = toast.contains(document.activeElement);
    toast.remove();
    if (hadFocus) focusOn(document.querySelector("chat-composer textarea"));
  }

  #run(node) {
    const entry = this.#toasts.get(node);
    entry.since = performance.now();
    entry.timer = setTimeout(() => this.#remove(node), entry.left);
  }

  #pause() {
    for (const entry of this.#toasts.values()) {
      if (!entry.timer) continue;
      clearTimeout(entry.timer);
      entry.timer = 0;
      entry.left = Math.max(1000, entry.left - (performance.now() - entry.since));
    }
  }

  #resume() {
    if (this.matches(":hover, :focus-within")) return;
    for (const [node, entry] of this.#toasts) if (!entry.timer) this.#run(node);
  }
}
