import { focusOn, setHidden, setText } from "../helpers/dom.js";
import { uuid } from "../helpers/text.js";
import { status } from "../models/announcer.js";
import { chat } from "../models/chat-state.js";
import { DraftStore } from "../models/draft-store.js";

// One question that waits for the end of the answer above it. It is kept like a draft, under a name of its own and with
// the ref it will be sent with: two tabs that both think it is their turn ask once.

const GOES_ON = ["complete", "stopped"];

export default class QueuedQuestion extends HTMLElement {
  #drafts = new DraftStore(document.getElementById("words")?.dataset.person ?? "");
  #leaving = new AbortController();

  // Lifecycle

  connectedCallback() {
    const options = { signal: this.#leaving.signal };
    document.addEventListener("chat:queue", (event) => this.#take(event), options);
    chat.addEventListener("change", () => this.#changed(), options);
    this.addEventListener("click", (event) => this.#clicked(event), options);
    this.#changed();
    if (!chat.answering) this.#putBack(); // the end came while nobody was here
  }

  disconnectedCallback() {
    this.#leaving.abort();
  }

  // Actions

  // A second one is added to the first.
  #take(event) {
    if (!chat.answering || !chat.conversation) return;
    event.preventDefault();
    const { text, pictures, model } = event.detail;
    const old = this.#waiting;
    const texts = [old?.text, text].filter(Boolean);
    this.#drafts.save(this.#key, { text: "", model: model ?? "" });
    this.#drafts.hold(this.#key, old?.ref ?? uuid(), texts.join("\n\n"), [...(old?.pictures ?? []), ...pictures]);
    this.#changed();
    status.answer(this.querySelector("[data-note]").textContent);
  }

  #clicked({ target }) {
    const act = target.closest("[data-do]")?.dataset.do;
    if (act === "queue-now") document.dispatchEvent(new CustomEvent("chat:stop"));
    if (act === "queue-edit") this.#putBack();
    if (act === "queue-remove") this.#drop();
    if (act) document.dispatchEvent(new CustomEvent("chat:focus"));
  }

  #changed() {
    const waiting = this.#waiting;
    if (waiting && chat.conversation && !chat.answering && !chat.sending && !this.hidden) return this.#end();
    setText(this.querySelector("[data-text]"), waiting?.text ?? "");
    setHidden(this, !waiting);
  }

  #end() {
    const last = [...document.querySelectorAll("#thread article[data-role=assistant]")].at(-1);
    if (GOES_ON.includes(last?.dataset.status)) this.#composer?.ask(this.#drop());
    else this.#putBack();
  }

  // Internal

  get #key() {
    return `queued:${chat.conversation}`;
  }

  get #waiting() {
    const { sent, model } = this.#drafts.load(this.#key);
    return chat.conversation && sent ? { ...sent, model: model || null } : null;
  }

  get #composer() {
    return document.querySelector("chat-composer");
  }

  #drop() {
    const waiting = this.#waiting;
    this.#drafts.save(this.#key, { text: "" });
    this.#drafts.release(this.#key);
    this.#changed();
    return waiting;
  }

  #putBack() {
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#drop();
    this.#composer?.putBack(waiting);
    focusOn(this.#composer?.querySelector("textarea"));
  }
}
