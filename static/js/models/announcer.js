// The one polite status line. The course of an answer is told at most once in five seconds (a screen reader
// would otherwise never stop talking); what the person has just done is answered at once.

import { setting } from "../helpers/dom.js";

const PAUSE = 5000;

export class Announcer {
  #find;
  #said = -Infinity;
  #next = "";
  #timer = 0;

  constructor(find) {
    this.#find = find;
  }

  // Whoever knows more puts it in front when the line speaks (elements/sentence-reader.js).
  whole = (text) => text;

  say(text) {
    if (setting("announce") === "off") return;
    this.#next = text || this.#next;
    const wait = this.#said + PAUSE - performance.now();
    if (wait <= 0) this.#speak();
    else if (!this.#timer) this.#speakIn(wait);
  }

  // What waits to be said waits on: it must not speak over the reply.
  answer(text) {
    if (!text) return;
    this.#said = performance.now();
    if (this.#timer) this.#speakIn(PAUSE);
    this.#write(text);
  }

  // Internal

  #speakIn(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#speak(), wait);
  }

  #speak() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const text = this.whole(this.#next);
    this.#next = "";
    if (!text) return;
    this.#said = performance.now();
    this.#write(text);
  }

  // The same words again are only heard if they change: a no-break space makes the difference.
  #write(text) {
    const line = this.#find();
    if (line) line.textContent = line.textContent === text ? `${text}\u00a0` : text;
  }
}

export const status = new Announcer(() => document.getElementById("status"));

// For what must interrupt: the title and sentence of a failure.
export function alarm(text) {
  const line = document.getElementById("alert");
  if (line) line.textContent = text;
}
