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
    if (button?.dataset.do === "wrap-code") return this.#wrap(button);
    if (button?.dataset.do === "save-code") return save(button.closest("figure"));
    const what = {
      copy: () => this.#copyMessage(button.closest("article")),
      "copy-text": () => [plain(document.getElementById(`m-${button.dataset.message}`))],
      "copy-code": () => [codeOf(button.closest("figure"))],
      "copy-table": () => [csv(button.closest(".table"))],
      "copy-trace": () => [button.dataset.trace ?? button.textContent.trim()],
      "copy-link": () => [button.dataset.link],
    }[button?.dataset.do];
    if (!what) return;
    event.preventDefault();
    this.#copy(button, ...what());
  }

  #wrap(button) {
    const isWrapped = button.closest("figure").toggleAttribute("data-wrap");
    button.setAttribute("aria-pressed", String(isWrapped));
  }

  #copyMessage(article) {
    const text = article.querySelector("[data-source]")?.value ?? "";
    const blocks = article.querySelector("[data-blocks]")?.cloneNode(true);
    for (const tool of blocks?.querySelectorAll("[data-tools]") ?? []) tool.remove();
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

// As it is read, without the buttons that the page has put into it: lines where the page shows lines.
function plain(article) {
  const blocks = article.querySelector("[data-blocks]");
  if (!blocks) return article.querySelector("[data-source]").value;
  const copied = blocks.cloneNode(true);
  for (const tool of copied.querySelectorAll("[data-tools]")) tool.remove();
  for (const code of copied.querySelectorAll("pre")) code.replaceChildren(code.textContent); // its lines are blocks, which would end twice
  for (const math of copied.querySelectorAll("math")) math.replaceWith(math.textContent);
  blocks.after(copied); // only what is laid out has lines
  const text = copied.innerText.trim();
  copied.remove();
  return text;
}

const codeOf = (figure) => figure?.querySelector("pre")?.textContent.replace(/\n$/, "") ?? "";

const ENDINGS = { "c++": "cpp", "c#": "cs", python: "py", javascript: "js", typescript: "ts", bash: "sh", shell: "sh", markdown: "md", ruby: "rb", rust: "rs", text: "txt" };

function save(figure) {
  const language = figure.dataset.language || "text";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${codeOf(figure)}\n`], { type: "text/plain" }));
  link.download = `code.${ENDINGS[language] ?? language.replace(/[^a-z0-9]/gi, "")}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// RFC 4180: what holds a quote, a comma or a line end stands in quotes.
function csv(table) {
  const cell = ({ textContent: text }) => (/["\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [...table.querySelectorAll("tr")].map((row) => [...row.cells].map(cell).join(",")).join("\r\n");
}
