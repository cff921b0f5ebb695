import { all, isComposing, parseElement, setText } from "../helpers/dom.js";
import { getPart } from "../helpers/http.js";

// Searching over the chat, inside the page's dialog: what is typed is looked for after a pause, arrows choose, Enter
// opens. The server writes the list; answers to what is no longer typed are dropped.

const PAUSE = 150; // ms (ux.md B7)

export default class SearchPalette extends HTMLElement {
  #timer = 0;
  #asking = null;
  #leaving = new AbortController();

  // Lifecycle

  connectedCallback() {
    const options = { signal: this.#leaving.signal };
    this.addEventListener("input", () => this.#typed(), options);
    this.addEventListener("keydown", (event) => this.#keyed(event), options);
    this.addEventListener("submit", (event) => this.#submitted(event), options);
    this.addEventListener("click", (event) => this.#clicked(event), options);
    this.#number();
  }

  disconnectedCallback() {
    this.#leaving.abort();
    this.#asking?.abort();
    clearTimeout(this.#timer);
  }

  // Actions

  #typed() {
    this.#choose(-1); // it answered to other words
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    this.#asking?.abort();
    const { signal } = (this.#asking = new AbortController());
    const html = await getPart(`/search?q=${encodeURIComponent(this.#field.value)}`, "options", signal);
    if (html === null || signal.aborted) return;
    this.#list.replaceWith(parseElement(html));
    this.#number();
    if (this.#field.value.trim()) this.#choose(0);
    setText(this.querySelector("[role=status]"), this.#list.dataset.said);
  }

  #keyed(event) {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const options = this.#options;
    const at = options.indexOf(this.#chosen);
    this.#choose(at < 0 && step < 0 ? options.length - 1 : (at + step + options.length) % options.length);
  }

  // Enter that comes before the answer leads to the page with all of it.
  #submitted(event) {
    event.stopPropagation();
    if (!this.#chosen) return;
    event.preventDefault();
    this.#chosen.click();
  }

  #clicked(event) {
    const dialog = this.closest("dialog");
    if (event.target.closest("[data-do=close]")) return dialog?.close();
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const button = option.dataset.press && document.querySelector(option.dataset.press);
    if (button) {
      event.preventDefault();
      dialog?.close();
      button.click();
    } else if (!("dialog" in option.dataset)) dialog?.close(); // a message of the page that is shown needs no new one
  }

  // Internal

  get #field() {
    return this.querySelector("[role=combobox]");
  }

  get #list() {
    return this.querySelector("[role=listbox]");
  }

  get #options() {
    return all("[role=option]", this);
  }

  get #chosen() {
    return this.querySelector("[aria-selected=true]");
  }

  #number() {
    this.#options.forEach((option, index) => (option.id = `palette-${index}`));
  }

  #choose(index) {
    this.#chosen?.removeAttribute("aria-selected");
    const option = this.#options[index];
    if (!option) return this.#field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", option.id);
  }
}
