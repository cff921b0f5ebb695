import { all } from "../helpers/dom.js";

// The turns of a thread: where a message stands, what follows it, and how the shown branch changes.
// A turn is one section with a question and the answer below it. Works on the nodes it is given, nothing else.

const TURN = ".turn";
const MESSAGE = "article[data-message]";

export class Turns {
  #root;

  constructor(root) {
    this.#root = root;
  }

  // Questions

  get all() {
    return all(TURN, this.#root);
  }

  get articles() {
    return all(MESSAGE, this.#root);
  }

  // The last message that the server knows.
  get leaf() {
    return this.newer?.dataset.tip ?? this.articles.filter((article) => article.dataset.message).at(-1)?.dataset.message ?? "";
  }

  // The way to messages below the shown ones, where these do not reach the end.
  get newer() {
    return this.#root.querySelector("a.newer");
  }

  article(id) {
    return id ? this.#root.querySelector(`article[data-message="${CSS.escape(id)}"]`) : null;
  }

  echo(ref, role) {
    const isEcho = `article[data-ref="${CSS.escape(ref)}"]`;
    return this.#root.querySelector(`${isEcho}[data-role="${role}"]`);
  }

  removeEcho(ref) {
    const turn = this.echo(ref, "user")?.closest(TURN);
    for (const role of ["user", "assistant"]) this.echo(ref, role)?.remove();
    if (turn && !turn.querySelector(MESSAGE)) turn.remove();
  }

  following(article) {
    const turn = article.closest(TURN);
    const turns = this.all;
    const inTurn = all(MESSAGE, turn);
    return [...inTurn.slice(inTurn.indexOf(article) + 1), ...turns.slice(turns.indexOf(turn) + 1), this.newer].filter(Boolean);
  }

  // The turns above the last `count` messages.
  above(count) {
    const first = this.articles.at(-count)?.closest(TURN);
    return first ? this.all.slice(0, this.all.indexOf(first)) : [];
  }

  // The turns that are further than `reach` messages from an article, above and below.
  farFrom(article, reach) {
    const articles = this.articles;
    const at = articles.indexOf(article);
    const turns = this.all;
    const first = turns.indexOf(articles[Math.max(0, at - reach)].closest(TURN));
    const last = turns.indexOf(articles[Math.min(articles.length - 1, at + reach)].closest(TURN));
    return [turns.slice(0, first), turns.slice(last + 1)];
  }

  // Changes

  // Take nodes out; the function that is returned puts them back where they were.
  detach(nodes) {
    const places = nodes.map((node) => [node, node.parentNode, node.nextSibling]);
    for (const node of nodes) node.remove();
    return () => {
      for (const [node, parent, next] of places.toReversed()) parent.insertBefore(node, next?.parentNode === parent ? next : null);
    };
  }

  append(...articles) {
    const turn = document.createElement("section");
    turn.className = "turn";
    turn.append(...articles);
    this.#root.insertBefore(turn, this.#below);
    return turn;
  }

  // The room for an answer below a question belongs to the turn that was sent last.
  anchor(turn) {
    for (const other of all(`${TURN}[data-anchor]`, this.#root)) other.removeAttribute("data-anchor");
    turn?.setAttribute("data-anchor", "");
    document.dispatchEvent(new Event("chat:anchored"));
  }

  // Put a message where it belongs; false if its parent is not shown here.
  place(article, { parent, role, ref }) {
    const echo = ref ? this.echo(ref, role) : null;
    if (echo) echo.replaceWith(article);
    else if (role === "user") return this.#placeQuestion(article, parent);
    else return this.#placeAnswer(article, parent);
    return true;
  }

  // Show the turns of another branch: what is the same from the top keeps its nodes. Returns the articles put in.
  // Older turns above the first common one stay; `isElsewhere` says that there is no common one.
  swap(sections, isSame) {
    const at = this.#indexOf(sections[0]);
    const turns = this.all.slice(Math.max(0, at));
    const added = [];
    sections.forEach((section, index) => {
      if (turns[index]) this.#swapTurn(turns[index], section, isSame, added);
      else {
        this.#root.insertBefore(section, this.#below);
        added.push(...all(MESSAGE, section));
      }
    });
    for (const turn of turns.slice(sections.length)) turn.remove();
    return { added, isElsewhere: at < 0 };
  }

  // Older turns above the first one; those that are shown already are left out.
  prepend(sections) {
    const fresh = sections.filter((section) => this.#indexOf(section) < 0);
    const first = this.all[0] ?? this.#root.querySelector("#end");
    for (const section of fresh) this.#root.insertBefore(section, first);
    return fresh;
  }

  // Newer turns below the last one.
  extend(sections) {
    const fresh = sections.filter((section) => this.#indexOf(section) < 0);
    for (const section of fresh) this.#root.insertBefore(section, this.#below);
    return fresh;
  }

  // Internal

  get #below() {
    return this.newer ?? this.#root.querySelector("#end");
  }

  #placeQuestion(article, parent) {
    const above = this.article(parent);
    if (parent && !above) return false;
    for (const node of above ? this.following(above) : this.all) node.remove();
    this.append(article);
    return true;
  }

  #placeAnswer(article, parent) {
    const question = this.article(parent);
    if (!question) return false;
    for (const node of this.following(question)) node.remove();
    question.after(article);
    return true;
  }

  // Each message of the same place that differs is put in; from the first one on.
  #swapTurn(turn, section, isSame, added) {
    const shown = all(MESSAGE, turn);
    const wanted = all(MESSAGE, section);
    wanted.forEach((fresh, index) => {
      if (shown[index] && isSame(shown[index], fresh)) return;
      if (shown[index]) shown[index].replaceWith(fresh);
      else turn.append(fresh);
      added.push(fresh);
    });
    for (const article of shown.slice(wanted.length)) article.remove();
  }

  #indexOf(section) {
    const id = section?.querySelector(MESSAGE)?.dataset.message;
    return id ? this.all.findIndex((turn) => turn.querySelector(MESSAGE)?.dataset.message === id) : -1;
  }
}
