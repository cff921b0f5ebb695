import { setHidden, setText } from "../helpers/dom.js";
import { getPart } from "../helpers/http.js";
import { word } from "../helpers/text.js";
import { socket } from "../models/chat-socket.js";

// How the page stands with the server: an attribute on <html> at once, a bar above the composer after a while
// (a restart of the server must not flicker), which stays until all is well.

const PATIENCE = 1500; // ms
const GOOD_NEWS = 2000;

export default class ConnectionBar extends HTMLElement {
  #timer = 0;
  #ticking = 0;
  #wasShown = false;
  #leaving = new AbortController();

  // Lifecycle

  connectedCallback() {
    const options = { signal: this.#leaving.signal };
    socket.addEventListener("state", () => this.#changed(), options);
    this.addEventListener("click", (event) => this.#clicked(event), options);
    document.addEventListener("visibilitychange", () => this.#seen(), options);
    socket.start();
    this.#changed();
  }

  disconnectedCallback() {
    this.#leaving.abort();
    clearTimeout(this.#timer);
    clearInterval(this.#ticking);
    socket.stop();
  }

  // Actions

  #clicked(event) {
    if (!event.target.closest("[data-do=reconnect]")) return;
    event.preventDefault();
    socket.retry();
  }

  // Who has signed in again in another tab gets the page anew, with what was typed and what waits.
  async #seen() {
    if (document.hidden || socket.state !== "ended") return;
    if ((await getPart(location.pathname, "")) !== null) location.reload();
  }

  // Internal

  #changed() {
    const { state } = socket;
    document.documentElement.dataset.connection = state === "ended" ? "offline" : state || "connecting";
    if (state === "online") this.#back();
    else if (state === "ended") this.#show();
    else if (this.#wasShown) this.#write();
    else this.#timer ||= setTimeout(() => this.#show(), PATIENCE);
  }

  #back() {
    this.#settle();
    if (!this.#wasShown) return;
    this.#wasShown = false;
    this.#write();
    this.#timer = setTimeout(() => {
      this.#settle();
      setHidden(this, true);
    }, GOOD_NEWS);
  }

  #show() {
    this.#settle();
    this.#wasShown = true;
    setHidden(this, false);
    this.#write();
    this.#ticking = setInterval(() => this.#write(), 1000);
  }

  #settle() {
    clearTimeout(this.#timer);
    clearInterval(this.#ticking);
    this.#timer = this.#ticking = 0;
  }

  #write() {
    const { state } = socket;
    this.dataset.state = state;
    setText(this.querySelector("[data-words]"), this.#sentence(state));
    setHidden(this.querySelector("[data-do=reconnect]"), state !== "offline");
    setHidden(this.querySelector("[data-sign-in]"), state !== "ended");
  }

  #sentence(state) {
    if (state === "online") return word("connected");
    if (state === "ended") return word("session-ended");
    if (state === "connecting") return word("connecting");
    const seconds = Math.max(1, Math.ceil((socket.nextTry - performance.now()) / 1000));
    return word("offline-next-try", { seconds });
  }
}
