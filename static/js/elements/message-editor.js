import { all, fit, focusOn, isComposing, setHidden, tell } from "../helpers/dom.js";
import { word } from "../helpers/text.js";
import { debounce } from "../helpers/timing.js";
import { status } from "../models/announcer.js";
import { DraftStore } from "../models/draft-store.js";

// A question becomes a composer in its own place, with a draft of its own. Escape leaves it, Ctrl+Enter sends it.

const SAVE_AFTER = 200;

export default class MessageEditor extends HTMLElement {
  message = { id: "", text: "", attachments: null, refusal: "" }; // set by whoever opens it

  #article;
  #form;
  #field;
  #hidden = [];
  #drafts;
  #save = debounce(() => this.#drafts.save(this.#key, { text: this.#field.value }), SAVE_AFTER);
  #leaving = new AbortController();

  // Lifecycle

  connectedCallback() {
    this.#article = this.closest("article");
    this.#form = this.querySelector("form");
    this.#field = this.#form.elements.text;
    this.#drafts = new DraftStore(document.getElementById("words")?.dataset.person ?? "");
    this.#hidden = [...this.#article.children].filter((part) => part !== this && !part.hidden);
    for (const part of this.#hidden) setHidden(part, true);
    this.#field.value = this.message.refusal ? this.message.text : this.#drafts.load(this.#key).text || this.message.text;
    fit(this.#field);
    this.#giveTray();
    tell(this.querySelector("[data-refusal]"), this.message.refusal);
    this.#listen();
    focusOn(this.#field);
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  disconnectedCallback() {
    this.#save.flush();
    this.#leaving.abort();
  }

  #listen() {
    const options = { signal: this.#leaving.signal };
    this.#form.addEventListener("submit", (event) => this.#submitted(event), options);
    this.addEventListener("keydown", (event) => this.#keyed(event), options);
    this.addEventListener("click", (event) => this.#clicked(event), options);
    this.#field.addEventListener("input", () => this.#typed(), options);
    addEventListener("pagehide", () => this.#save.flush(), options);
  }

  // Actions

  #keyed(event) {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.#close();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
  }

  #clicked(event) {
    if (!event.target.closest("[data-do=cancel]")) return;
    event.preventDefault();
    event.stopPropagation();
    this.#close();
  }

  #submitted(event) {
    const text = this.#field.value;
    event.preventDefault();
    const { attachments = [], isUploading, problem } = this.#tray;
    if (isUploading || problem) return status.answer(word(problem || "picture-uploading"));
    if (text.trim() === "" && attachments.length === 0) return focusOn(this.#field);
    const { id } = this.message;
    const model = document.querySelector("chat-composer select[name=model]")?.value || null;
    this.#leave();
    const detail = { message: id, text, attachments: attachments.map((facts) => facts.id), model };
    document.dispatchEvent(new CustomEvent("chat:edit", { detail, cancelable: true }));
    document.dispatchEvent(new CustomEvent("chat:focus"));
  }

  #typed() {
    fit(this.#field);
    this.#save();
  }

  // Internal

  get #tray() {
    return this.querySelector("picture-tray");
  }

  // The question's pictures, or after a refusal those it was sent with.
  #giveTray() {
    const shown = all("[data-facts]", this.#article).map(({ dataset }) => JSON.parse(dataset.facts));
    const wanted = this.message.attachments?.map((id) => shown.find((facts) => facts.id === id) ?? { id, name: "", thumbnail: `/attachments/${id}/thumbnail` });
    const given = wanted ?? shown;
    this.#tray.dataset.given = JSON.stringify(given);
    this.#tray.give?.(given);
  }

  get #key() {
    return `edit-${this.message.id}`;
  }

  #close() {
    const article = this.#article;
    this.#leave();
    focusOn(article.querySelector("[data-do=edit]") ?? article);
  }

  #leave() {
    this.#save.cancel();
    this.#drafts.save(this.#key, { text: "" });
    for (const part of this.#hidden) setHidden(part, false);
    this.remove();
  }
}
