import { copy } from "../helpers/clipboard.js";
import { word } from "../helpers/text.js";
import { everySecond } from "../helpers/timing.js";
import { status } from "../models/announcer.js";

// What buttons in messages do without asking anybody: copy an answer, a fence, a trace id; count down to a retry.

const CHECK = 1500; // ms the check mark stays

export default class CopyButtons extends HTMLElement {
  #leaving = new AbortController();
  #counting = new Map(); // button → function that stops its countdown
  #watching = new MutationObserver(() => this.#countDown());

  // Lifecycle

  connectedCallback() {
    document.addEventListener("click", (event) => this.#clicked(event), { signal: this.#leaving.signal });
    const thread = document.getElementById("thread");
    if (thread) this.#watching.observe(thread, { childList: true, subtree: true });
    this.#countDown();
  }

  disconnectedCallback() {
    this.#leaving.abort();
    this.#watching.disconnect();
    for (const stop of this.#counting.values()) stop();
  }

  // Actions

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    const what = {
      copy: () => this.#copyMessage(button.closest("article")),
      "copy-code": () => [button.closest("figure")?.querySelector("pre")?.textContent.replace(/\n$/, "") ?? ""],
      "copy-trace": () => [button.dataset.trace ?? button.textContent.trim()],
      "copy-link": () => [button.dataset.link],
    }[button?.dataset.do];
    if (!what) return;
    event.preventDefault();
    this.#copy(button, ...what());
  }

  #copyMessage(article) {
    const text = article.querySelector("[data-source]")?.value ?? "";
    const blocks = article.querySelector("[data-blocks]")?.cloneNode(true);
    for (const button of blocks?.querySelectorAll("[data-do]") ?? []) button.remove();
    return [text || (blocks?.textContent ?? ""), blocks?.innerHTML ?? ""];
  }

  async #copy(button, text, html = "") {
    const isDone = await copy(text, html);
    status.answer(word(isDone ? "copied" : "not-copied"));
    if (!isDone) return;
    button.dataset.done = "";
    setTimeout(() => delete button.dataset.done, CHECK);
  }

  // "Retry in 18 s": the button waits with the person, and never presses itself.
  #countDown() {
    for (const [button, stop] of this.#counting) {
      if (button.isConnected) continue;
      stop();
      this.#counting.delete(button);
    }
    for (const button of document.querySelectorAll("#thread [data-retry-after]")) {
      if (!this.#counting.has(button)) this.#begin(button);
    }
  }

  #begin(button) {
    const seconds = Number(button.dataset.retryAfter);
    const label = button.querySelector("[data-words]") ?? button;
    const words = label.textContent;
    if (!(seconds > 0)) return;
    const stop = everySecond((passed) => {
      const left = seconds - passed;
      button.setAttribute("aria-disabled", String(left > 0));
      label.textContent = left > 0 ? word("retry-in", { seconds: left }) : words;
      if (left <= 0) stop?.();
    });
    this.#counting.set(button, stop);
  }
}
