import { focusOn, parse, setHidden, tell } from "../helpers/dom.js";
import { sendForm } from "../helpers/forms.js";
import { getPart } from "../helpers/http.js";
import { word } from "../helpers/text.js";
import { socket } from "../models/chat-socket.js";

// Small pages over the chat: a link with data-dialog opens its page here, as ?part=dialog, and the forms inside send
// without leaving. Without this element they are pages of their own.

const AWAY = ["offline", "connecting"]; // a page would be the browser's own, and the chat gone

export default class PageDialog extends HTMLElement {
  #leaving = new AbortController();
  #openers = [];
  #address = "";

  // Lifecycle

  connectedCallback() {
    const options = { signal: this.#leaving.signal };
    document.addEventListener("click", (event) => this.#clicked(event), options);
    document.addEventListener("chat:dialog", ({ detail }) => this.#open(detail.address, [detail.opener]), options);
    this.addEventListener("submit", (event) => this.#submitted(event), options);
    this.#dialog.addEventListener("close", () => this.#closed(), options);
  }

  disconnectedCallback() {
    this.#leaving.abort();
  }

  // Actions

  #clicked(event) {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const menu = document.querySelector(`[popovertarget="${link.closest("[popover]")?.id}"]`);
    this.#open(link.href, this.contains(link) ? this.#openers : [document.activeElement, link, menu]);
  }

  async #open(address, openers) {
    this.#address = address;
    this.#openers = openers;
    if (await this.#load()) return;
    if (AWAY.includes(socket.state)) document.dispatchEvent(new CustomEvent("chat:toast", { detail: { text: word("offline") } }));
    else location.assign(address); // the page itself says what is wrong
  }

  async #submitted(event) {
    const form = event.target;
    if (form.method === "dialog" || "leaves" in form.dataset) return;
    event.preventDefault();
    const answer = await sendForm(form, event.submitter);
    if (answer.facts) setHidden(document.querySelector("[data-tuned]"), !answer.facts.is_tuned);
    if (answer.html) this.#show(answer.html).then(() => this.#tellTold());
    else if (answer.ok && "closes" in form.dataset) this.#dialog.close();
    else if (answer.ok) await this.#load();
    else tell(this.querySelector("[data-refusal]"), answer.message || word("not-saved"));
  }

  // What was said of an answer shows at its buttons.
  #tellTold() {
    const told = this.querySelector("[data-told]")?.dataset;
    if (told) document.dispatchEvent(new CustomEvent("chat:told", { detail: { message: told.told, value: told.value } }));
  }

  // Internal

  get #dialog() {
    return this.querySelector("dialog");
  }

  async #load() {
    const html = await getPart(this.#address, "dialog");
    if (html) await this.#show(html);
    return Boolean(html);
  }

  async #show(html) {
    this.#dialog.replaceChildren(parse(html));
    const style = this.querySelector("link");
    if (style && !style.sheet) await new Promise((done) => (style.onload = style.onerror = done));
    if (!this.#dialog.open) this.#dialog.showModal();
    focusOn(this.querySelector("[autofocus]"));
  }

  #closed() {
    this.#dialog.replaceChildren();
    const composer = document.querySelector("chat-composer textarea");
    focusOn([...this.#openers, composer].find((one) => one !== document.body && one?.checkVisibility()));
  }
}
