import { all, focusOn, parse } from "../helpers/dom.js";
import { getPart, post } from "../helpers/http.js";
import { keep } from "../helpers/storage.js";
import { word } from "../helpers/text.js";
import { pause } from "../helpers/timing.js";
import { chat } from "../models/chat-state.js";

// Where chats stand in the list: pins, folders, archive. What has changed places is fetched anew as a whole, so that
// all tabs show what the server has; a list that is in use at that moment waits.

const IN_USE = "[data-renaming], .menu:popover-open, [data-over]";
const AGAIN = 300;

export class SidebarOrder {
  #root;
  #shown;
  #seen;
  #isFetching = false;
  #isStale = false;
  #dragged = null; // the row under the pointer

  // `shown` is called when the list has been exchanged; `seen` tells the server, and whether that went.
  constructor(root, { shown, seen }) {
    this.#root = root;
    this.#shown = shown;
    this.#seen = seen;
  }

  // Lifecycle

  start(signal) {
    const on = (name, act, more) => this.#root.addEventListener(name, act, { signal, ...more });
    on("toggle", (event) => event.target.matches(".folder > details") && this.#toggled(event.target), { capture: true });
    on("dragstart", (event) => this.#dragStarted(event));
    on("dragover", (event) => this.#draggedOver(event));
    on("drop", (event) => this.#dropped(event));
    on("dragend", () => this.#dragEnded());
    document.addEventListener("visibilitychange", () => this.see(), { signal });
    this.see();
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") this.refetch(); // a page may come back as old as it left
  }

  // Actions

  openMenu(link) {
    const menu = this.#menu;
    const row = link.closest("[data-row]");
    menu.dataset.chat = row.dataset.row;
    const isPinned = row.dataset.in === "pinned";
    menu.querySelector("[data-do=pin]").hidden = isPinned;
    menu.querySelector("[data-do=unpin]").hidden = !isPinned;
    menu.showPopover({ source: link });
  }

  act(id, name) {
    const page = () => tell("dialog", { address: `/c/${id}/${name}`, opener: this.#row(id)?.querySelector("[data-do=row-menu]") });
    return {
      pin: () => this.#post(`/c/${id}/pin`),
      unpin: () => this.#post(`/c/${id}/unpin`),
      archive: () => this.#archive(id),
      order: page, export: page, // one line: no module exports a page
    }[name];
  }

  // The last answer has been before somebody's eyes.
  see() {
    const id = chat.conversation;
    if (!id || document.hidden) return;
    const marks = all(`[data-chat-title][data-unread], [data-row="${CSS.escape(id)}"][data-unread]`, document);
    if (marks.length === 0 || !this.#seen(id)) return;
    for (const node of marks) node.removeAttribute("data-unread");
  }

  // A row that is not shown: its folder, if that is there, says that something in it is unread.
  noteHidden({ dataset }) {
    const folder = this.#root.querySelector(`[data-folder="${CSS.escape(dataset.in)}"]`);
    if ("unread" in dataset) folder?.setAttribute("data-unread", "");
    else if (folder && "unread" in folder.dataset) this.refetch();
  }

  async refetch() {
    this.#isStale = true;
    if (this.#isFetching) return;
    this.#isFetching = true;
    while (this.#isStale) {
      this.#isStale = false;
      const rows = all('[data-rows=""] > *', this.#root).length;
      const html = await getPart(`/chats?rows=${rows}`, "sidebar");
      if (html === null) break;
      if (this.#root.querySelector(IN_USE)) {
        this.#isStale = true;
        await pause(AGAIN);
      } else if (!this.#isStale) this.#exchange(html);
    }
    this.#isFetching = false;
  }

  // Internal

  get #menu() {
    return this.#root.querySelector("#row-menu");
  }

  #row(id) {
    return this.#root.querySelector(`[data-row="${CSS.escape(id)}"]`);
  }

  async #archive(id) {
    if (await this.#post(`/c/${id}/archive`)) tell("toast", { text: word("archived"), undo: { url: `/c/${id}/unarchive`, conversation: id } });
  }

  async #post(url, fields) {
    const done = await post(url, fields);
    if (done.ok) this.refetch();
    else tell("toast", { text: done.message || word("not-saved") });
    return done.ok;
  }

  // What had the focus has it afterwards, wherever it stands now.
  #exchange(html) {
    const list = this.#root.querySelector(".sidebar__list");
    const active = list.contains(document.activeElement) ? document.activeElement : null;
    const place = active?.closest("[data-row], [data-folder]");
    const before = all("[data-row]", list).indexOf(place);
    const top = list.scrollTop;
    list.replaceChildren(parse(html));
    list.scrollTop = top;
    if (active) focusOn(this.#again(list, active, place) ?? beside(list, before));
    this.#shown();
  }

  #again(list, active, place) {
    if (!place) return null;
    const name = place.dataset.row ? "row" : "folder";
    const now = list.querySelector(`[data-${name}="${place.dataset[name]}"]`);
    return now?.querySelector(active.dataset.do ? `[data-do="${active.dataset.do}"]` : active.localName);
  }

  // Folders stay open over pages: a cookie, so that the first HTML is right.

  #toggled(details) {
    const open = all(".folder", this.#root).filter((node) => node.querySelector("details").open);
    const marks = open.map((node) => node.dataset.folder.slice(-8));
    keep("folders", marks.join("."));
    if (details.open && !details.querySelector("[data-rows]")) this.refetch();
  }

  // By pointer; the menu does the same by keyboard.

  #dragStarted(event) {
    this.#dragged = event.target.closest?.("[data-row]");
    if (this.#dragged) event.dataTransfer.effectAllowed = "linkMove";
  }

  #draggedOver(event) {
    const target = this.#dragged && event.target.closest("[data-drop]");
    for (const node of all("[data-over]", this.#root)) if (node !== target) node.removeAttribute("data-over");
    if (!target) return;
    event.preventDefault();
    target.toggleAttribute("data-over", target.dataset.drop !== this.#dragged.dataset.in);
  }

  async #dropped(event) {
    const target = this.#dragged && event.target.closest("[data-drop]");
    if (!target) return;
    event.preventDefault();
    const { row: id, in: from } = this.#dragged.dataset;
    const to = target.dataset.drop;
    this.#dragEnded();
    if (to === from) return;
    if (to === "pinned") await this.#post(`/c/${id}/pin`);
    else if ((await this.#post(`/c/${id}/order`, { folder: to })) && from === "pinned") await this.#post(`/c/${id}/unpin`);
  }

  #dragEnded() {
    this.#dragged = null;
    for (const node of all("[data-over]", this.#root)) node.removeAttribute("data-over");
  }
}

function beside(list, index) {
  const rows = all("[data-row]", list);
  return (rows[Math.min(index, rows.length - 1)] ?? list).querySelector("a");
}

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`chat:${what}`, { detail }));
