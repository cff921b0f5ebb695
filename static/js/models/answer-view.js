import { setHidden, setText } from "../helpers/dom.js";
import { plural } from "../helpers/text.js";
import { isTyping } from "../helpers/typing.js";
import { LIVE } from "../protocol.js";

// What surrounds the text of an answer while it is written: state, the waiting pulse, Thinking with its seconds.

const QUIET = 1500; // ms without text until the pulse comes back
const LONG_WAIT = 8; // seconds until the pulse says for how long

export class AnswerView {
  #article;
  #message;
  #began = performance.now();
  #heard = performance.now();
  #thinkingSince = null;
  #isThinking = false;
  #place = 0;
  #timer;

  constructor(article, message) {
    this.#article = article;
    this.#message = message;
    this.#timer = setInterval(() => this.#tick(), 500);
    this.#tick();
  }

  get article() {
    return this.#article;
  }

  get message() {
    return this.#message;
  }

  // Frames

  delta(frame, size) {
    if (!this.#message.delta(frame, size)) return;
    if (frame.reasoning) this.#think(frame.reasoning);
    if (frame.patches.length > 0) this.#write();
    this.#setStatus("streaming");
  }

  snapshot(frame) {
    if (!this.#message.snapshot(frame)) return;
    const place = this.#part("[data-reasoning]");
    if (place && place.textContent !== frame.reasoning) setText(place, frame.reasoning);
    setHidden(this.#part("details.thinking"), !frame.reasoning);
    if ("thinking" in frame) this.#beginThinking(frame.thinking);
    if (frame.blocks.length > 0) this.#write();
    this.queued(frame.place ?? 0);
    if (LIVE.has(frame.status)) this.#setStatus(frame.status);
  }

  // The provider is busy: the place in its line, 0 once it is one's turn.
  queued(place) {
    this.#place = place;
    this.#tick();
  }

  // The person has pressed Stop: say so, show what has come, wait for the end.
  stopping() {
    this.#message.showAll();
    this.#article.dataset.stopping = "";
    this.#pulse(false);
  }

  end() {
    clearInterval(this.#timer);
    delete this.#article.dataset.stopping;
    this.#message.end();
  }

  // Internal

  #part(selector) {
    return this.#article.querySelector(selector);
  }

  #setStatus(status) {
    if (this.#article.dataset.status !== status) this.#article.dataset.status = status;
  }

  #write() {
    this.#heard = performance.now();
    this.#thought();
    this.#pulse(false);
  }

  #think(text) {
    this.#heard = performance.now();
    if (this.#thinkingSince === null) this.#beginThinking();
    setHidden(this.#part("details.thinking"), false);
    const place = this.#part("[data-reasoning]");
    if (place?.lastChild) place.lastChild.appendData(text);
    else place?.append(text);
  }

  #beginThinking(seconds = 0) {
    this.#thinkingSince = performance.now() - seconds * 1000;
    this.#isThinking = true;
  }

  // The text has begun: thinking is over.
  #thought() {
    if (!this.#isThinking) return;
    this.#isThinking = false;
    const seconds = Math.round((performance.now() - this.#thinkingSince) / 1000);
    setText(this.#thinkingWords, plural("thought", seconds));
  }

  get #thinkingWords() {
    return this.#part("[data-thinking-words]") ?? this.#part("details.thinking summary");
  }

  #tick() {
    const now = performance.now();
    const isSilent = this.#article.dataset.status === "waiting" || now - this.#heard > QUIET;
    if (!("stopping" in this.#article.dataset)) this.#pulse(isSilent, Math.round((now - this.#heard) / 1000));
    this.#part("[data-pulse]")?.toggleAttribute("data-still", isTyping());
    if (this.#isThinking) {
      setText(this.#thinkingWords, plural("thinking", Math.round((now - this.#thinkingSince) / 1000)));
    }
  }

  #pulse(shown, seconds = 0) {
    const pulse = this.#part("[data-pulse]");
    setHidden(pulse, !shown);
    const words = this.#place ? plural("place", this.#place) : seconds >= LONG_WAIT ? plural("waiting", seconds) : "";
    setText(pulse?.querySelector("[data-pulse-words]"), shown ? words : "");
  }
}
