import { all, clone, focusOn, keepFocus, parse } from "../helpers/dom.js";
import { getPart, post } from "../helpers/http.js";
import { word } from "../helpers/text.js";
import { status } from "../models/announcer.js";
import { chat } from "../models/chat-state.js";

// Which part of the tree of messages is shown: other versions, older messages, and the whole branch anew when the
// page has lost its place. The control that was pressed stays under the pointer.

const FAR_AHEAD = "600px 0px"; // older and newer messages are fetched before the reader arrives
const MOST = 200; // messages that stay while the reader is at the end
const REACH = 200; // messages that stay on each side of a reader who is elsewhere

export class ThreadBranches {
  #root;
  #turns;
  #keeper;
  #isSame;
  #adopted;
  #fetching = false;
  #ways = null; // watches the links to older and newer messages

  // `adopted` is told of the articles that have been put in.
  constructor(root, { turns, keeper, isSame, adopted }) {
    this.#root = root;
    this.#turns = turns;
    this.#keeper = keeper;
    this.#isSame = isSame;
    this.#adopted = adopted;
  }

  // Lifecycle

  start() {
    this.#ways?.disconnect();
    const load = (link) => (link === this.#turns.newer ? this.#loadNewer(link) : this.#loadOlder(link));
    const seen = (entries) => entries.forEach((entry) => entry.isIntersecting && load(entry.target));
    this.#ways = new IntersectionObserver(seen, { rootMargin: FAR_AHEAD });
    for (const link of all("a.older, a.newer", this.#root)) this.#ways.observe(link);
  }

  stop() {
    this.#ways?.disconnect();
  }

  // Actions

  // The branch that the server shows now; false if it could not be had.
  async refetch() {
    if (this.#fetching || !chat.conversation) return false;
    this.#fetching = true;
    const html = await getPart(`/c/${chat.conversation}`, "thread");
    this.#fetching = false;
    if (html === null) return false;
    const fragment = parse(html);
    if (fragment.querySelector(".turn")) this.#show(fragment);
    else if (this.#turns.all.length > 0) location.assign(`/c/${chat.conversation}`); // all of it has been deleted
    return true;
  }

  // A page that was opened at another branch than the chosen one chooses it, or catching up would take it away.
  async choose() {
    if (!("elsewhere" in this.#root.dataset)) return;
    delete this.#root.dataset.elsewhere;
    await post(`/c/${chat.conversation}/select`, { message: this.#turns.leaf });
  }

  // The last messages of the branch that is shown, where the page does not reach them; false if they cannot be had.
  async toEnd() {
    const { newer } = this.#turns;
    if (!newer) return true;
    const html = await getPart(`/c/${chat.conversation}?at=${newer.dataset.tip}`, "thread");
    if (html === null || !newer.isConnected) return html !== null;
    this.#show(parse(html));
    if (location.search) history.replaceState(history.state, "", location.pathname + location.search.replace(/at=[^&]*/, `at=${newer.dataset.tip}`));
    return true;
  }

  async showVersion(link) {
    const html = await getPart(link.href, "thread");
    if (html === null) return navigator.onLine ? location.assign(link.href) : status.answer(word("offline"));
    let control = null;
    this.#keeper.hold(link, () => {
      this.#show(parse(html));
      control = this.#controlAt(link);
      return control;
    });
    focusOn(control ?? this.#turns.articles.at(-1));
    this.#remember(link.href, control);
  }

  // Let go of what is far from the reader; it comes again as older and newer messages do.
  trim() {
    if (!this.#keeper.isAtEnd) return this.#trimAround();
    const far = this.#turns.newer ? [] : this.#turns.above(MOST);
    if (far.length === 0 || far.some(isInUse)) return;
    this.#keeper.hold(this.#turns.articles.at(-1), () => this.#dropAbove(far));
  }

  // Internal

  #trimAround() {
    const { articles } = this.#turns;
    if (articles.length <= 3 * REACH || chat.answering || chat.sending) return;
    const here = articles.find((article) => article.getBoundingClientRect().bottom > 0) ?? articles.at(-1);
    const [above, below] = this.#turns.farFrom(here, REACH);
    this.#keeper.hold(here, () => {
      if (above.length > 0 && !above.some(isInUse)) this.#dropAbove(above);
      if (below.length > 0 && !below.some(isInUse)) this.#dropBelow(below);
    });
  }

  #dropAbove(turns) {
    for (const turn of turns) turn.remove();
    const link = clone("t-older");
    link.href = `/c/${chat.conversation}?before=${this.#turns.articles[0].dataset.message}`;
    this.#setOlder(link);
  }

  #dropBelow(turns) {
    const tip = this.#turns.leaf;
    for (const turn of turns) turn.remove();
    const link = clone("t-newer");
    link.href = `/c/${chat.conversation}?after=${this.#turns.articles.at(-1).dataset.message}&tip=${tip}`;
    link.dataset.tip = tip;
    this.#setNewer(link);
  }

  #show(fragment) {
    const swap = () => {
      const { added, isElsewhere } = this.#turns.swap(all(".turn", fragment), this.#isSame);
      if (isElsewhere) this.#setOlder(fragment.querySelector("a.older"));
      this.#setNewer(fragment.querySelector("a.newer"));
      this.#adopted(added);
    };
    keepFocus(this.#root, swap, () => this.#turns.articles.at(-1));
  }

  // The same control of the version that the link leads to.
  #controlAt({ href, dataset }) {
    const nav = this.#turns.article(new URL(href).searchParams.get("at"))?.querySelector("footer nav");
    const enabled = all("[data-do]:not([aria-disabled=true])", nav ?? document.createElement("nav"));
    return enabled.find((control) => control.dataset.do === dataset.do) ?? enabled[0] ?? null;
  }

  #remember(href, control) {
    history.replaceState(history.state, "", href);
    post(`/c/${chat.conversation}/select`, { message: new URL(href).searchParams.get("at") });
    const [index, count] = control?.closest("nav").textContent.match(/\d+/g) ?? [];
    if (count) status.answer(word("version", { index, count }));
  }

  async #loadOlder(link) {
    this.#ways.disconnect();
    const html = await getPart(link.href, "thread");
    if (html === null || !link.isConnected) return;
    const fragment = parse(html);
    const hadFocus = link === document.activeElement;
    const first = this.#turns.all[0];
    this.#keeper.hold(first, () => {
      const added = this.#turns.prepend(all(".turn", fragment));
      this.#adopted(added.flatMap((turn) => all("article", turn)));
      this.#setOlder(fragment.querySelector("a.older"));
    });
    if (hadFocus) focusOn(this.#root.querySelector("a.older") ?? first.querySelector("article"));
  }

  async #loadNewer(link) {
    this.#ways.disconnect();
    const html = await getPart(link.href, "thread");
    if (html === null || !link.isConnected) return;
    const fragment = parse(html);
    const hadFocus = link === document.activeElement;
    this.#keeper.release(); // what comes below is no growth to follow
    const added = this.#turns.extend(all(".turn", fragment));
    this.#setNewer(fragment.querySelector("a.newer"));
    this.#adopted(added.flatMap((turn) => all("article", turn)));
    if (hadFocus) focusOn(added[0]?.querySelector("article"));
  }

  // Always a new link: what an earlier one is still fetching belongs elsewhere now.
  #setOlder(link) {
    this.#root.querySelector("a.older")?.remove();
    if (link) this.#root.prepend(link);
    this.start();
  }

  #setNewer(link) {
    this.#turns.newer?.remove();
    if (link) this.#root.insertBefore(link, this.#root.querySelector("#end"));
    this.start();
  }
}

// What is written, focused or selected there is not taken away.
function isInUse(turn) {
  const selection = getSelection();
  return turn.querySelector("message-editor, :focus") || (!selection.isCollapsed && selection.containsNode(turn, true));
}
