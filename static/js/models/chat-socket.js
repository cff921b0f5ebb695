import { CLOSED_SESSION, FRAMES } from "../protocol.js";
import { betweenKeys } from "../helpers/typing.js";

// One socket per tab that never gives up: it reconnects with growing pauses, at once when the network or the tab
// comes back, and takes silence for death (browsers hide ping frames, so the server's beats are all a page sees).
//
// Events: "state" (online, connecting, offline, ended), "open" (a fresh connection: watch again), "frame".

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const LONGEST_SILENCE = 25_000; // two missed beats and some
const NORMAL = 1000; // close code

export class ChatSocket extends EventTarget {
  #url;
  #connect;
  #now;
  #socket = null;
  #state = "";
  #pause = 0;
  #retryTimer = 0;
  #beatTimer = 0;
  #heard = 0;
  #listening = null;
  #held = []; // frames that wait until a key is painted
  #early = []; // what the list of chats, whose script comes later, may have to know

  nextTry = 0; // when the next attempt is due (ms of the same clock as now())

  constructor({ url = socketUrl(), connect = (address) => new WebSocket(address), now = () => performance.now() } = {}) {
    super();
    this.#url = url;
    this.#connect = connect;
    this.#now = now;
  }

  get state() {
    return this.#state;
  }

  get isOpen() {
    return this.#state === "online";
  }

  // Lifecycle

  start() {
    if (this.#listening) return;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    addEventListener("online", () => this.retry(), { signal });
    addEventListener("offline", () => this.#lose(), { signal });
    addEventListener("pagehide", () => this.#pauseForCache(), { signal });
    addEventListener("pageshow", () => this.retry(), { signal });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    this.#open();
  }

  stop() {
    this.#listening?.abort();
    this.#listening = null;
    this.#leave();
    this.#say("");
  }

  // Actions

  // Send now or not at all; what must not be lost goes through the outbox.
  send(command) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  // What was told before the caller could listen; for one caller.
  takeEarly() {
    const early = this.#early;
    this.#early = null;
    return early ?? [];
  }

  // Try again at once, unless a connection stands or is being made.
  retry() {
    if (this.#state === "online" || this.#state === "connecting" || this.#state === "ended") return;
    this.#pause = 0;
    this.#open();
  }

  // Internal

  #open() {
    clearTimeout(this.#retryTimer);
    this.#leave();
    this.#say("connecting");
    const socket = this.#connect(this.#url);
    this.#socket = socket;
    socket.onopen = () => socket === this.#socket && this.#opened();
    socket.onmessage = (event) => socket === this.#socket && this.#received(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
    this.#watchBeats();
  }

  #opened() {
    this.#say("online");
    this.dispatchEvent(new Event("open"));
  }

  #received(text) {
    this.#heard = this.#now();
    this.#pause = 0;
    const frame = JSON.parse(text);
    if (frame.type === FRAMES.beat) return;
    this.#held.push({ frame, size: text.length });
    if (frame.type === FRAMES.delta) betweenKeys(this.#giveAll);
    else this.#giveAll();
  }

  #giveAll = () => {
    for (const detail of this.#held.splice(0)) {
      if (detail.frame.type !== FRAMES.delta) this.#early?.push(detail.frame);
      this.dispatchEvent(new CustomEvent("frame", { detail }));
    }
  };

  #closed(code) {
    if (code === CLOSED_SESSION) {
      this.#leave();
      this.#say("ended");
    } else this.#lose();
  }

  #lose() {
    if (this.#state === "ended" || this.#state === "offline") return;
    this.#leave();
    this.#pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, this.#pause * 2));
    const pause = this.#pause * (0.5 + Math.random() / 2); // many tabs lose their server at the same moment
    this.nextTry = this.#now() + pause;
    this.#retryTimer = setTimeout(() => this.#open(), pause);
    this.#say("offline");
  }

  // Drop the socket without waiting for it: a dead one takes its time to say so.
  #leave() {
    this.#giveAll();
    clearInterval(this.#beatTimer);
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(NORMAL);
  }

  // An open socket keeps a page out of the back-forward cache.
  #pauseForCache() {
    if (this.#state === "ended") return;
    this.#leave();
    this.#pause = 0;
    this.#say("offline");
  }

  #seen() {
    if (document.hidden) return;
    if (this.isOpen && this.#isSilent) this.#lose();
    this.retry();
  }

  #watchBeats() {
    this.#heard = this.#now();
    this.#beatTimer = setInterval(() => {
      if (!document.hidden && this.#isSilent) this.#lose();
    }, 1000);
  }

  get #isSilent() {
    return this.#now() - this.#heard > LONGEST_SILENCE;
  }

  #say(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event("state"));
  }
}

function socketUrl() {
  const url = new URL("/ws/", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

export const socket = new ChatSocket();
