import { clone, focusOn, isComposing, isField, setHidden, setText, tell } from "../helpers/dom.js";
import { post } from "../helpers/http.js";
import { number, word } from "../helpers/text.js";
import { status } from "../models/announcer.js";
import { UploadQueue } from "../models/upload-queue.js";

// The pictures of one question, in the composer or in an editor: picked, pasted, dropped, or given by address.
// Whoever owns the form asks `attachments`, `isUploading` and `problem`, and listens to "pictures".

const FILES = "Files";

export default class PictureTray extends HTMLElement {
  #form;
  #list;
  #queue;
  #leaving = new AbortController();

  // Lifecycle

  connectedCallback() {
    this.#form = this.closest("form");
    this.#list = this.querySelector("[data-pictures]");
    this.#queue = new UploadQueue({ address: this.dataset.upload, most: Number(this.dataset.most), largest: Number(this.dataset.largest) });
    this.#listen();
    this.give(JSON.parse(this.dataset.given || "[]"));
  }

  disconnectedCallback() {
    this.#leaving.abort();
    this.#queue.clear();
  }

  #listen() {
    const options = { signal: this.#leaving.signal };
    this.#queue.addEventListener("change", () => this.#render(), options);
    this.#queue.addEventListener("progress", ({ detail }) => this.#showProgress(detail), options);
    this.#form.addEventListener("click", (event) => this.#clicked(event), options);
    this.#input.addEventListener("change", () => this.#picked(), options);
    this.#field?.addEventListener("keydown", (event) => this.#keyed(event), options);
    document.addEventListener("paste", (event) => this.#pasted(event), options);
    document.addEventListener("change", (event) => this.#modelChanged(event), options);
    addEventListener("dragenter", (event) => this.#dragged(event), options);
    addEventListener("dragover", (event) => this.#dragged(event), options);
    addEventListener("dragleave", (event) => event.relatedTarget || this.#dropping(false), options);
    addEventListener("drop", (event) => this.#dropped(event), options);
  }

  // What the form's owner asks

  get attachments() {
    return this.#queue.ready;
  }

  get isUploading() {
    return this.#queue.isUploading;
  }

  // The key of the word that says why nothing can be sent, or nothing.
  get problem() {
    if (this.#queue.hasFailed) return "picture-failed";
    return this.attachments.length > 0 && !this.#sees() ? "no-vision" : "";
  }

  // These in place of all others; the attribute does it before the tray is connected.
  give(pictures) {
    if (!this.#queue) return;
    this.#queue.clear();
    setHidden(this.#addressRow, true);
    for (const facts of pictures) this.#queue.put(facts);
    this.#render();
  }

  // Ways in

  take(files) {
    this.#add(files);
  }

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    const key = button?.closest("[data-key]")?.dataset.key;
    const act = {
      "pick-files": () => this.#input.click(),
      "pick-address": () => this.#openAddress(),
      "add-address": () => this.#addAddress(),
      "close-address": () => this.#closeAddress(),
      "remove-picture": () => this.#remove(button, key),
      "retry-picture": () => this.#queue.retry(key),
      "use-vision": () => this.#useVision(),
    }[button?.dataset.do];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #picked() {
    this.#add([...this.#input.files]);
    this.#input.value = "";
  }

  // Words beside a picture mean words: spreadsheets put a picture of the cells on the clipboard as well (ux.md U2).
  #pasted(event) {
    const { clipboardData: data, target } = event;
    const files = [...(data?.files ?? [])];
    if (files.length === 0 || data.getData("text/plain")) return;
    if (!this.#owns(target) || (isField(target) && target !== this.#form.elements.text)) return;
    event.preventDefault();
    this.#add(files);
  }

  #dragged(event) {
    if (!event.dataTransfer?.types.includes(FILES)) return;
    event.preventDefault(); // a file must never replace the page
    this.#dropping(this.#owns(event.target));
  }

  #dropped(event) {
    if (!event.dataTransfer?.types.includes(FILES) || !this.#owns(event.target)) return;
    event.preventDefault();
    this.#dropping(false);
    this.#add([...event.dataTransfer.files]);
  }

  #dropping(isDropping) {
    this.#form.toggleAttribute("data-dropping", isDropping);
  }

  // An editor takes what is dropped on it; everything else on the page is the composer's.
  #owns(target) {
    const node = target instanceof Element ? target : document.body;
    return this.#form.contains(node) || (this.closest("chat-composer") !== null && !node.closest("message-editor"));
  }

  #add(files) {
    const tooMany = this.#queue.add(files);
    tell(this.#note, tooMany > 0 ? word("too-many-pictures", { count: number(Number(this.dataset.most)) }) : "");
    if (files.length > tooMany) status.say(word("picture-uploading"));
    focusOn(this.#form.elements.text);
  }

  // An address in place of a file

  #keyed(event) {
    if (isComposing(event)) return;
    if (event.key === "Enter") this.#addAddress();
    else if (event.key === "Escape") this.#closeAddress();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #openAddress() {
    document.getElementById("attach-menu")?.hidePopover();
    setHidden(this.#addressRow, false);
    focusOn(this.#field);
  }

  #closeAddress() {
    setHidden(this.#addressRow, true);
    focusOn(this.#form.elements.text);
  }

  async #addAddress() {
    const answer = await post(this.dataset.address, { address: this.#field.value });
    tell(this.#note, answer.ok ? "" : answer.message || word("offline"));
    if (!answer.ok) return focusOn(this.#field);
    this.#field.value = "";
    setHidden(this.#addressRow, true);
    this.#queue.put(answer.facts);
    focusOn(this.#form.elements.text);
  }

  // What is shown

  #render() {
    const shown = new Map([...this.#list.children].map((card) => [card.dataset.key, card]));
    for (const picture of this.#queue.pictures) {
      const card = shown.get(picture.key) ?? this.#list.appendChild(newCard(picture));
      shown.delete(picture.key);
      update(card, picture, Number(this.dataset.largest));
    }
    for (const card of shown.values()) card.remove();
    const isEmpty = this.#queue.pictures.length === 0;
    setHidden(this.#list, isEmpty);
    this.#form.elements.text.required = isEmpty; // pictures alone can be sent
    this.#showVision();
    this.dispatchEvent(new CustomEvent("pictures", { bubbles: true }));
  }

  #showProgress({ key, progress }) {
    const bar = this.#list.querySelector(`[data-key="${key}"] progress`);
    if (bar) bar.value = progress;
  }

  #showVision() {
    const offer = this.querySelector("[data-vision]");
    const isBlind = this.problem === "no-vision";
    const seeing = this.#seeing();
    if (isBlind) setText(offer.querySelector("[data-words]"), word("cannot-see", { model: this.#model?.selectedOptions[0]?.dataset.label ?? "" }));
    const button = offer.querySelector("[data-do=use-vision]");
    if (seeing) setText(button, word("use-model", { model: seeing.dataset.label }));
    setHidden(button, !seeing);
    setHidden(offer, !isBlind);
    const tokens = this.attachments.reduce((sum, facts) => sum + (facts.tokens ?? 0), 0);
    tell(this.querySelector("[data-cost]"), tokens > 0 && !isBlind ? word("picture-cost", { count: number(tokens) }) : "");
  }

  #modelChanged({ target }) {
    if (target === this.#model) this.#render();
  }

  #useVision() {
    this.#model.value = this.#seeing().value;
    this.#model.dispatchEvent(new Event("change", { bubbles: true }));
    focusOn(this.#form.elements.text);
  }

  #remove(button, key) {
    this.#queue.remove(key);
    status.say(word("picture-removed"));
    if (!button.isConnected) focusOn(this.#form.elements.text);
  }

  // Internal

  #sees = () => this.#model?.selectedOptions[0]?.hasAttribute("data-sees") ?? true;

  #seeing = () => [...(this.#model?.options ?? [])].find((option) => option.hasAttribute("data-sees"));

  get #model() {
    return document.getElementById("model");
  }

  get #input() {
    return this.querySelector("input[type=file]");
  }

  get #addressRow() {
    return this.querySelector("[data-address-row]");
  }

  get #field() {
    return this.querySelector("input[type=url]");
  }

  get #note() {
    return this.querySelector("[data-note]");
  }
}

function newCard(picture) {
  const card = clone("t-upload");
  card.dataset.key = picture.key;
  const image = card.querySelector("img");
  image.addEventListener("error", () => image.remove());
  if (picture.preview) image.src = picture.preview;
  else image.remove();
  return card;
}

function update(card, { state, name, message, progress, code, facts }, largest) {
  if (facts) card.dataset.id = facts.id;
  card.dataset.state = state;
  setText(card.querySelector("[data-name]"), name);
  const bar = card.querySelector("progress");
  setHidden(bar, state !== "uploading");
  bar.value = progress ?? 0;
  const why = code === "too_long" ? word("picture-too-large", { size: number(largest / 1024 ** 2) }) : message || word("offline");
  tell(card.querySelector("[data-why]"), state === "failed" ? why : "");
  setHidden(card.querySelector("[data-do=retry-picture]"), state !== "failed" || code === "invalid" || code === "too_long");
  const remove = card.querySelector("[data-do=remove-picture]");
  remove.setAttribute("aria-label", word("remove-picture", { name }));
  remove.title = remove.getAttribute("aria-label");
}
