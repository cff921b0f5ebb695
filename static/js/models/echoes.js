import { clone } from "../helpers/dom.js";

// What the page shows at once, before the server has answered: a question, a waiting answer. Each echo is known
// by its `ref`; the server's messages take its place, a refusal takes it back and restores what it had replaced.

export class Echoes {
  #turns;
  #undo = new Map(); // ref → function

  constructor(turns) {
    this.#turns = turns;
  }

  has(ref) {
    return this.#undo.has(ref);
  }

  // A new turn at the end.
  ask(ref, text, attachments, hero) {
    const restoreHero = this.#turns.detach(hero ? [hero] : []);
    const turn = this.#turns.append(question(ref, text, attachments), answer(ref));
    this.#undo.set(ref, () => {
      turn.remove();
      restoreHero();
    });
    return turn;
  }

  // A question in other words, in place of the old one and all that followed it.
  edit(ref, text, attachments, old) {
    const restore = this.#turns.detach(this.#turns.following(old));
    const [fresh, waiting] = [question(ref, text, attachments), answer(ref)];
    old.replaceWith(fresh);
    fresh.after(waiting);
    this.#undo.set(ref, () => {
      waiting.remove();
      fresh.replaceWith(old);
      restore();
    });
    return fresh;
  }

  // Another answer in place of the shown one, or below a question that has none.
  answer(ref, old) {
    const restore = this.#turns.detach(this.#turns.following(old));
    const waiting = answer(ref);
    const isQuestion = old.dataset.role === "user";
    if (isQuestion) old.after(waiting);
    else old.replaceWith(waiting);
    this.#undo.set(ref, () => {
      if (isQuestion) waiting.remove();
      else waiting.replaceWith(old);
      restore();
    });
    return waiting;
  }

  // The same answer goes on.
  resume(ref, article) {
    const before = article.dataset.status;
    article.dataset.status = "waiting";
    article.setAttribute("aria-busy", "true");
    this.#undo.set(ref, () => {
      article.dataset.status = before;
      article.removeAttribute("aria-busy");
    });
    return article;
  }

  keep(ref) {
    this.#undo.delete(ref);
  }

  takeBack(ref) {
    const undo = this.#undo.get(ref);
    this.#undo.delete(ref);
    undo?.();
  }
}

function question(ref, text, attachments = []) {
  const article = clone("t-question");
  article.dataset.ref = ref;
  article.dataset.status = "sending";
  const words = article.querySelector(".question");
  words.textContent = text;
  words.hidden = text === "";
  const pictures = attachments.map(picture).filter(Boolean);
  if (pictures.length > 0) words.before(clone("t-pictures") ?? "");
  article.querySelector(".pictures")?.append(...pictures);
  const source = article.querySelector("[data-source]");
  if (source) source.value = text;
  return article;
}

// What the page has in its hands already, as a card or in the thread; the server's message takes its place.
function picture(id) {
  const shown = document.querySelector(`[data-id="${id}"] img, [href$="${id}"] img`);
  const echo = shown && clone("t-picture");
  if (echo) echo.querySelector("img").src = shown.src;
  return echo;
}

function answer(ref) {
  const article = clone("t-answer");
  article.dataset.ref = ref;
  article.dataset.status = "waiting";
  return article;
}
