import { clone, focusOn, isComposing, parse, setText } from "../helpers/dom.js";
import { getPart } from "../helpers/http.js";
import { plural } from "../helpers/text.js";
import { status } from "../models/announcer.js";

// What a slash at the start of the composer opens: the person's prompts and the site's, filtered by what follows it.
// The focus stays in the field; the list is told by aria-activedescendant. A prompt with {{words}} asks for them.

const VARIABLE = /\{\{\s*([^{}\n]{1,60}?)\s*\}\}/g;
const MOST_SHOWN = 8;

export class PromptOffer {
  #field;
  #box;
  #shown = [];
  #at = 0;
  #dismissed = ""; // the text at which Escape closed the list

  constructor(field) {
    this.#field = field;
  }

  // Lifecycle

  async load(url) {
    const html = await getPart(url, "list");
    if (html === null) return;
    this.#box = clone("t-offer");
    this.#box.append(parse(html));
    this.#field.closest("form").prepend(this.#box);
    this.#box.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.#box.addEventListener("click", (event) => this.#choose(event.target.closest("[role=option]")));
    this.#field.addEventListener("input", () => this.#update());
    this.#field.addEventListener("keydown", (event) => this.#keyed(event), { capture: true });
    this.#field.addEventListener("blur", () => this.#show([]));
    this.#field.setAttribute("aria-autocomplete", "list");
    this.#field.setAttribute("aria-controls", this.#list.id);
    this.#update();
  }

  // Actions

  #keyed(event) {
    if (isComposing(event) || this.#shown.length === 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.#mark((this.#at + steps[event.key] + this.#shown.length) % this.#shown.length);
    else if (event.key === "Enter" || event.key === "Tab") this.#choose(this.#shown[this.#at]);
    else if (event.key === "Escape") {
      this.#dismissed = this.#field.value;
      this.#show([]);
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #choose(option) {
    if (!option) return;
    const { text, name } = option.dataset;
    this.#show([]);
    const names = [...new Set([...text.matchAll(VARIABLE)].map((found) => found[1]))];
    if (names.length === 0) this.#fill(text);
    else this.#ask(name, text, names);
  }

  #ask(title, text, names) {
    const dialog = this.#box.querySelector("dialog");
    const row = this.#box.querySelector("template").content.firstElementChild;
    setText(dialog.querySelector("h1"), title);
    const rows = names.map((name, index) => {
      const one = document.importNode(row, true);
      const [label, input] = one.children;
      setText(label, name);
      label.htmlFor = input.id = `asked-${index}`;
      return one;
    });
    dialog.querySelector("[data-words-asked]").replaceChildren(...rows);
    const answered = () => {
      const given = new Map(names.map((name, index) => [name, rows[index].lastElementChild.value]));
      if (dialog.returnValue === "fill") this.#fill(text.replace(VARIABLE, (whole, name) => given.get(name)));
      else focusOn(this.#field);
    };
    dialog.returnValue = "";
    dialog.addEventListener("close", answered, { once: true });
    dialog.showModal();
    focusOn(rows[0].lastElementChild);
  }

  // Internal

  get #list() {
    return this.#box.querySelector("[role=listbox]");
  }

  #update() {
    const typed = this.#field.value;
    if (typed !== this.#dismissed) this.#dismissed = "";
    const isAsked = typed.startsWith("/") && !typed.includes("\n") && !this.#dismissed;
    const wanted = typed.slice(1).toLocaleLowerCase();
    const options = isAsked ? [...this.#list.children] : [];
    this.#show(options.filter(({ dataset }) => dataset.name.toLocaleLowerCase().includes(wanted)).slice(0, MOST_SHOWN));
  }

  #show(options) {
    if (this.#list.hidden && options.length) status.answer(plural("prompts", options.length));
    this.#shown = options;
    for (const option of this.#list.children) option.hidden = !options.includes(option);
    this.#list.hidden = options.length === 0;
    if (options.length) this.#mark(0);
    else this.#field.removeAttribute("aria-activedescendant");
  }

  #mark(index) {
    this.#at = index;
    this.#shown.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    this.#field.setAttribute("aria-activedescendant", this.#shown[index].id);
    this.#shown[index].scrollIntoView({ block: "nearest" });
  }

  #fill(text) {
    this.#field.value = text;
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
    focusOn(this.#field);
    this.#field.setSelectionRange(text.length, text.length);
  }
}

// Fetched with the first slash of the page, not before.
export function start() {
  const field = document.querySelector("chat-composer textarea");
  const url = field?.form.dataset.promptsUrl;
  if (!url) return;
  const begin = () => {
    if (!field.value.startsWith("/")) return;
    field.removeEventListener("input", begin);
    new PromptOffer(field).load(url);
  };
  field.addEventListener("input", begin);
  if (field === document.activeElement) begin(); // the slash may have been what brought this script
}
