import { all, focusOn, isComposing, setHidden, setText } from "../helpers/dom.js";

// A picture of the thread, large: arrows go through those of the conversation, Escape goes back to where one was.

export default class PictureViewer extends HTMLElement {
  #dialog;
  #opener = null;
  #leaving = new AbortController();

  connectedCallback() {
    this.#dialog = this.querySelector("dialog");
    const options = { signal: this.#leaving.signal };
    document.addEventListener("click", (event) => this.#opened(event), options);
    this.#dialog.addEventListener("click", (event) => this.#clicked(event), options);
    this.#dialog.addEventListener("keydown", (event) => this.#keyed(event), options);
    this.#dialog.addEventListener("close", () => focusOn(this.#opener), options);
  }

  disconnectedCallback() {
    this.#leaving.abort();
  }

  // Actions

  #opened(event) {
    const link = event.target.closest?.("a[data-picture]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#show(link);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  #clicked({ target }) {
    const step = { "previous-picture": -1, "next-picture": 1 }[target.closest("[data-do]")?.dataset.do];
    if (step) this.#step(step);
    else if (target === this.#dialog || target.closest("[data-do=close-picture]")) this.#dialog.close();
  }

  #keyed(event) {
    if (isComposing(event)) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.#step(step);
  }

  // Internal

  get #links() {
    return all("a[data-picture]", document.getElementById("thread"));
  }

  #step(by) {
    const links = this.#links;
    const next = links[links.indexOf(this.#opener) + by];
    if (next) this.#show(next);
  }

  #show(link) {
    this.#opener = link;
    const [links, image] = [this.#links, this.#dialog.querySelector("img")];
    const at = links.indexOf(link);
    image.src = link.href;
    image.alt = link.querySelector("img")?.alt ?? "";
    image.width = Number(link.dataset.width);
    image.height = Number(link.dataset.height);
    setText(this.#dialog.querySelector("[data-name]"), image.alt);
    const save = this.#dialog.querySelector("[download]");
    save.href = link.href;
    save.download = image.alt;
    setHidden(this.#dialog.querySelector("[data-do=previous-picture]"), at <= 0);
    setHidden(this.#dialog.querySelector("[data-do=next-picture]"), at >= links.length - 1);
  }
}
