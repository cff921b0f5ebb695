import { all, clone, focusOn, isComposing, setHidden } from "../helpers/dom.js";

// A field to search in, where there are many models. The select stays what holds the choice: this list stands in for
// the browser's own, opens with the same keys.

const OPENS = ["Enter", " ", "ArrowDown", "ArrowUp"];

export function start() {
  const select = document.querySelector("chat-composer [name=model]");
  const menu = select && clone("t-model-search");
  if (menu) new ModelSearch(select, menu);
}

class ModelSearch {
  #select;
  #menu;
  #field;
  #rows;
  #shown = [];
  #at = 0;

  constructor(select, menu) {
    this.#select = select;
    this.#menu = menu;
    this.#field = menu.querySelector("input");
    const list = menu.querySelector("[role=listbox]");
    const [blankGroup, blankRow] = list.children;
    this.#rows = [...select.options].map((option, index) => row(blankRow, option, index));
    list.replaceChildren(...grouped(this.#rows, [...select.options], blankGroup));
    select.after(menu);
    select.addEventListener("pointerdown", (event) => this.#open(event));
    select.addEventListener("mousedown", (event) => event.preventDefault());
    select.addEventListener("click", (event) => this.#open(event));
    select.addEventListener("keydown", (event) => !isComposing(event) && OPENS.includes(event.key) && this.#open(event));
    menu.addEventListener("click", ({ target }) => this.#choose(target.closest("[role=option]")));
    this.#field.addEventListener("input", () => this.#filter());
    this.#field.addEventListener("keydown", (event) => this.#keyed(event));
  }

  // Actions

  #open(event) {
    event.preventDefault();
    if (this.#menu.matches(":popover-open")) return;
    this.#field.value = "";
    this.#menu.showPopover({ source: this.#select });
    this.#filter();
    focusOn(this.#field);
  }

  #keyed(event) {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#mark((this.#at + step + this.#shown.length) % this.#shown.length);
    else if (event.key === "Enter") this.#choose(this.#shown[this.#at]);
    else if (event.key === "Escape" && this.#field.value) {
      this.#field.value = "";
      this.#filter();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #choose(row) {
    if (!row) return;
    this.#select.value = row.dataset.value;
    this.#select.dispatchEvent(new Event("change", { bubbles: true }));
    this.#menu.hidePopover(); // the focus goes back to where it was
  }

  #filter() {
    const words = this.#field.value.toLocaleLowerCase().split(/\s+/);
    this.#shown = this.#rows.filter(({ dataset }) => words.every((word) => dataset.says.includes(word)));
    for (const row of this.#rows) {
      setHidden(row, !this.#shown.includes(row));
      row.ariaSelected = String(row.dataset.value === this.#select.value);
    }
    for (const group of all("[role=group]", this.#menu)) setHidden(group, !group.querySelector(":not([hidden])"));
    setHidden(this.#menu.querySelector("[data-none]"), this.#shown.length > 0);
    this.#mark(Math.max(0, this.#shown.findIndex((row) => row.ariaSelected === "true")));
  }

  // Internal

  #mark(index) {
    this.#at = index;
    for (const row of this.#rows) row.toggleAttribute("data-at", row === this.#shown[index]);
    const row = this.#shown[index];
    if (!row) return this.#field.removeAttribute("aria-activedescendant");
    this.#field.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }
}

// Under the names of their providers, where there are several.
function grouped(rows, options, blank) {
  const groups = new Map();
  rows.forEach((one, index) => {
    const { label } = options[index].closest("optgroup") ?? {};
    if (!groups.has(label)) groups.set(label, label ? Object.assign(blank.cloneNode(), { ariaLabel: label }) : document.createDocumentFragment());
    groups.get(label).append(one);
  });
  return groups.values();
}

function row(blank, option, index) {
  const made = blank.cloneNode();
  made.id = `model-${index}`;
  made.dataset.value = option.value;
  made.dataset.says = `${option.textContent} ${option.closest("optgroup")?.label ?? ""}`.toLocaleLowerCase();
  made.append(...[...option.childNodes].map((node) => node.cloneNode(true)));
  return made;
}
