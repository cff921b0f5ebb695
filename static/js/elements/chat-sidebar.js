import { all, clone, focusOn, isComposing, isField, parse, parseElement, setText } from "../helpers/dom.js";
import { getPart, post } from "../helpers/http.js";
import { keep, session } from "../helpers/storage.js";
import { word } from "../helpers/text.js";
import { status } from "../models/announcer.js";
import { chat } from "../models/chat-state.js";
import { socket } from "../models/chat-socket.js";
import { COMMANDS, FRAMES } from "../protocol.js";
import { SidebarOrder } from "./sidebar-order.js";
import { leaveTemporary } from "./temporary-chat.js";

// The list of chats: rows come and change with the server's frames and never steal the focus; rename and delete
// act at once and are taken back if the server says no.

const ROW = "[data-row]";
const SETTLED = 500;

export default class ChatSidebar extends HTMLElement {
  #more = null;
  #order = new SidebarOrder(this, { shown: () => this.#exchanged(), seen: (conversation) => socket.send({ type: COMMANDS.seen, conversation }) });
  #leaving = new AbortController();
  #wasOpen = socket.isOpen;

  // Lifecycle

  connectedCallback() {
    const options = { signal: this.#leaving.signal };
    socket.addEventListener("frame", ({ detail }) => this.#frame(detail.frame), options);
    socket.addEventListener("open", () => this.#opened(), options);
    chat.addEventListener("change", () => this.#markCurrent(), options);
    document.addEventListener("chat:undone", ({ detail }) => this.#restored(detail), options);
    this.addEventListener("click", (event) => this.#clicked(event), options);
    document.addEventListener("click", (event) => this.#clickedInBar(event), options);
    document.addEventListener("submit", (event) => this.#submittedInBar(event), options);
    this.addEventListener("dblclick", (event) => this.#doubleClicked(event), options);
    this.addEventListener("keydown", (event) => this.#keyed(event), options);
    this.addEventListener("beforetoggle", (event) => event.newState === "closed" && this.#hold(event, false), options);
    this.addEventListener("toggle", (event) => event.newState === "open" && this.#hold(event, true), options);
    if (this.matches(":popover-open")) this.#hold({ target: this }, true); // opened before this was loaded
    this.#watchForMore();
    this.#rememberZone();
    this.#order.start(this.#leaving.signal);
    leaveTemporary(this.#leaving.signal);
    for (const frame of socket.takeEarly()) this.#frame(frame);
  }

  disconnectedCallback() {
    this.#leaving.abort();
    this.#more?.disconnect();
  }

  // Frames

  #frame(frame) {
    if (frame.type === FRAMES.conversation) this.#changed(frame);
    else if (frame.type === FRAMES.conversation_deleted) this.#gone(frame.conversation);
    else if (frame.type === FRAMES.sidebar) this.#order.refetch();
  }

  #changed({ conversation, title, answering, html }) {
    const row = this.#row(conversation);
    const fresh = parseElement(html);
    if (conversation === chat.conversation) this.#showTitle(title, "unread" in fresh.dataset);
    if (!row && (answering || !this.#listOf(fresh))) this.#insert(fresh);
    else if (row?.dataset.in !== fresh.dataset.in || row.querySelector("[data-renaming]")) this.#order.refetch();
    else this.#update(row, fresh, answering);
    this.#order.see();
  }

  // A row that has the focus, or will have it again when its menu closes, keeps its nodes; one that has begun to answer
  // goes to the top.
  #update(row, fresh, answering) {
    const hasMenu = this.querySelector("#row-menu:popover-open")?.dataset.chat === row.dataset.row;
    if (hasMenu || row.contains(document.activeElement)) {
      setText(row.querySelector("[data-title]"), fresh.querySelector("[data-title]")?.textContent ?? "");
      row.toggleAttribute("data-answering", answering);
      row.toggleAttribute("data-unread", "unread" in fresh.dataset);
    } else if (answering && row.dataset.in !== "pinned" && row !== this.#listOf(row)?.firstElementChild) {
      row.remove();
      this.#insert(fresh);
    } else row.replaceWith(fresh);
    this.#markCurrent();
  }

  // The rows of a folder that is closed are not there.
  #insert(row) {
    const list = this.#listOf(row);
    if (!list) return this.#order.noteHidden(row);
    list.prepend(row);
    list.closest("[data-group]")?.removeAttribute("hidden");
    this.#markCurrent();
  }

  #listOf(row) {
    return this.querySelector(`[data-rows="${CSS.escape(row.dataset.in)}"]`);
  }

  #gone(conversation) {
    const row = this.#row(conversation);
    if (!row) return;
    if (row.contains(document.activeElement)) this.#focusBeside(row);
    row.remove();
  }

  // Actions

  // As a drawer it has the page to itself. The page wakes before it closes, so that the browser can give the focus back.
  #hold({ target }, isOpen) {
    if (target !== this) return;
    document.querySelector(".page").inert = isOpen;
    const dialog = { role: "dialog", ariaModal: "true", ariaLabel: this.firstElementChild.ariaLabel };
    for (const name in dialog) this[name] = isOpen ? dialog[name] : null;
    if (!isOpen) return;
    focusOn(this.querySelector("[popovertargetaction=hide]"));
    this.#scrollBack();
  }

  #clicked(event) {
    const button = event.target.closest("[data-do]");
    if (button?.dataset.do === "theme") return this.#setTheme(event, button);
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const menu = button.closest("#row-menu");
    const id = menu?.dataset.chat;
    const action =
      button.dataset.do === "row-menu"
        ? () => this.#order.openMenu(button)
        : id && ({ rename: () => this.#rename(this.#row(id)), delete: () => this.#delete(id) }[button.dataset.do] ?? this.#order.act(id, button.dataset.do));
    if (!action) return;
    event.preventDefault();
    menu?.hidePopover();
    action();
  }

  // The bar above the thread has a menu of its own for the chat that is open.
  #clickedInBar(event) {
    const button = event.target.closest("[data-do=delete-chat], [data-do=fold]");
    if (button?.dataset.do === "fold") return this.#fold(event, button.value);
    if (!button || !chat.conversation) return;
    event.preventDefault();
    button.closest(":popover-open")?.hidePopover();
    this.#delete(chat.conversation);
  }

  // Beside the page it can be folded away; what had the focus there goes to the button that brings it back.
  #fold(event, how) {
    event.preventDefault();
    const { dataset } = document.documentElement;
    if (how === "closed") dataset.sidebar = how;
    else delete dataset.sidebar;
    keep("sidebar", how);
    this.#scrollBack();
    if (!document.activeElement.checkVisibility()) focusOn(all("[data-do=fold]").find((one) => one.checkVisibility()));
  }

  #submittedInBar(event) {
    if (!event.target.matches("[data-rename-chat]") || !chat.conversation) return;
    event.preventDefault();
    const title = event.target.elements.title.value.trim();
    event.target.closest(":popover-open")?.hidePopover();
    if (title) this.#saveTitle(chat.conversation, title, document.querySelector("[data-chat-title]").textContent.trim());
  }

  #setTheme(event, button) {
    event.preventDefault();
    const { form, value } = button;
    if (value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
    for (const other of all("[data-do=theme]", form)) other.setAttribute("aria-pressed", String(other === button));
    post(form.action, { theme: value, next: "/" });
  }

  #doubleClicked(event) {
    const row = event.target.closest(ROW);
    if (!row || event.target.closest("[data-do]") || isField(event.target)) return;
    event.preventDefault();
    this.#rename(row);
  }

  #keyed(event) {
    if (isComposing(event)) return;
    const row = event.target.closest(ROW);
    if (!row || isField(event.target)) return;
    if (event.key === "F2") this.#rename(row);
    else if (event.key === "Delete") this.#delete(row.dataset.row);
    else return;
    event.preventDefault();
  }

  #rename(row) {
    if (!row || row.querySelector("[data-renaming]")) return;
    const field = clone("t-rename");
    const link = row.querySelector("a");
    const name = row.querySelector("[data-title]") ?? link;
    const before = name.textContent.trim();
    let isDone = false;
    const done = (save) => {
      if (isDone) return; // taking the field out blurs it
      isDone = true;
      const hadFocus = field === document.activeElement;
      const title = field.value.trim();
      field.remove();
      link.hidden = false;
      if (hadFocus) focusOn(link);
      if (save && title && title !== before) this.#saveTitle(row.dataset.row, title, before);
    };
    field.value = before;
    field.addEventListener("keydown", (event) => {
      if (isComposing(event)) return;
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      done(event.key === "Enter");
    });
    field.addEventListener("blur", () => done(true));
    link.hidden = true;
    link.after(field);
    focusOn(field);
    field.select();
  }

  async #saveTitle(id, title, before) {
    const show = (text) => {
      const shown = this.#row(id);
      setText(shown?.querySelector("[data-title]") ?? shown?.querySelector("a"), text);
      if (id === chat.conversation) this.#showTitle(text);
    };
    show(title);
    const done = await post(`/c/${id}/rename`, { title });
    if (done.ok) return;
    show(before);
    this.#toast({ text: done.message || word("not-saved") });
  }

  async #delete(id) {
    const put = this.#takeOut(this.#row(id));
    const undo = { url: `/c/${id}/restore`, conversation: id, wasOpen: id === chat.conversation };
    this.#toast({ text: word("deleted"), undo });
    const done = await post(`/c/${id}/delete`);
    if (!done.ok) {
      put();
      this.#toast({ text: done.message || word("not-saved") });
    } else if (undo.wasOpen) location.assign("/");
  }

  #takeOut(row) {
    if (!row) return () => {};
    const [parent, next] = [row.parentNode, row.nextSibling];
    this.#focusBeside(row);
    row.remove();
    return () => parent.insertBefore(row, next?.parentNode === parent ? next : null);
  }

  #restored({ conversation, wasOpen }) {
    if (wasOpen) return location.assign(`/c/${conversation}#end`);
    status.answer(word("restored"));
    this.#order.refetch();
  }

  // More rows

  #watchForMore() {
    this.#more?.disconnect();
    const link = this.querySelector("a[rel=next]");
    if (!link) return;
    this.#more = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#load(link), { rootMargin: "200px" });
    this.#more.observe(link);
  }

  async #load(link) {
    this.#more.disconnect();
    const html = await getPart(link.href, "rows");
    if (html === null || !link.isConnected) return;
    const hadFocus = link === document.activeElement;
    const fragment = parse(html);
    for (const row of all(ROW, fragment)) if (this.#row(row.dataset.row)) row.remove();
    const first = fragment.querySelector("a");
    this.#join(fragment.querySelector("[data-group]"));
    link.replaceWith(fragment);
    if (hadFocus) focusOn(first);
    this.#markCurrent();
    this.#watchForMore();
  }

  // A group that goes on over two pages has one heading.
  #join(group) {
    const last = all("[data-group]", this).at(-1);
    if (!group || last?.querySelector("h2").textContent !== group.querySelector("h2").textContent) return;
    last.querySelector("[data-rows]").append(...group.querySelector("[data-rows]").children);
    group.remove();
  }

  // Internal

  #row(conversation) {
    return this.querySelector(`[data-row="${CSS.escape(conversation)}"]`);
  }

  #markCurrent() {
    for (const row of all(ROW, this)) {
      const link = row.querySelector("a");
      if (row.dataset.row === chat.conversation) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  // A list that was not shown when the page came (app.js) has its place from now on.
  #scrollBack() {
    this.querySelector(".sidebar__list").scrollTop ||= session().getItem("list");
  }

  #focusBeside(row) {
    const rows = all(ROW, this);
    const at = rows.indexOf(row);
    const beside = rows[at + 1] ?? rows[at - 1];
    focusOn(beside?.querySelector("a") ?? this.querySelector("a"));
  }

  #showTitle(title, isUnread = false) {
    const shown = document.querySelector("[data-chat-title]");
    setText(shown, title);
    const field = document.getElementById("title");
    if (field && field !== document.activeElement) field.value = title;
    shown?.toggleAttribute("data-unread", isUnread);
    document.title = word("page-title", { title });
  }

  #exchanged() {
    const row = chat.conversation && this.#row(chat.conversation);
    if (row) this.#showTitle(row.querySelector("[data-title]").textContent, "unread" in row.dataset);
    this.#markCurrent();
    this.#watchForMore();
    this.#order.see();
  }

  // What changed while the connection was gone; a session that has ended closes the new one at once.
  #opened() {
    this.#order.see();
    if (this.#wasOpen) setTimeout(() => socket.isOpen && this.#order.refetch(), SETTLED);
    this.#wasOpen = true;
  }

  #toast(detail) {
    document.dispatchEvent(new CustomEvent("chat:toast", { detail }));
  }

  // The server groups rows by the person's own days; it learns the zone on the first visit.
  #rememberZone() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || document.cookie.includes(`tz=${zone}`)) return;
    keep("tz", zone);
  }
}
