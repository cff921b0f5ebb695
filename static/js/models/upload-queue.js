import { upload } from "../helpers/http.js";
import { shrunk } from "../helpers/shrink.js";
import { uuid } from "../helpers/text.js";

// Pictures on their way: each uploads at once, two at a time, and says how far it is. "change" tells that anything did.
//
// A picture is { key, state, name, preview, progress, message, file, facts }: `state` is "uploading", "ready" or
// "failed"; `facts` is what the server said of it, with the id that commands carry.

const AT_ONCE = 2;
const KEPT = 10_000; // ms: the echo of the question shows the same preview until the server's message comes

export class UploadQueue extends EventTarget {
  pictures = [];

  #address; // where files go
  #most; // pictures of one question
  #largest; // bytes
  #waiting = [];
  #running = 0;

  constructor({ address, most, largest }) {
    super();
    this.#address = address;
    this.#most = most;
    this.#largest = largest;
  }

  get isUploading() {
    return this.pictures.some(({ state }) => state === "uploading");
  }

  get hasFailed() {
    return this.pictures.some(({ state }) => state === "failed");
  }

  get ready() {
    return this.pictures.filter(({ state }) => state === "ready").map(({ facts }) => facts);
  }

  // The number of files that were one too many.
  add(files) {
    const room = Math.max(0, this.#most - this.pictures.length);
    for (const file of files.slice(0, room)) {
      const picture = { key: uuid(), name: file.name, preview: URL.createObjectURL(file), file };
      this.pictures.push(picture);
      this.#begin(picture);
    }
    this.#changed();
    return Math.max(0, files.length - room);
  }

  // What is on the server already: a draft's, an edited question's, a public address.
  put(facts) {
    if (this.pictures.length >= this.#most || this.ready.some(({ id }) => id === facts.id)) return;
    this.pictures.push({ key: uuid(), state: "ready", name: facts.name, preview: facts.thumbnail ?? "", facts });
    this.#changed();
  }

  remove(key) {
    const picture = this.#find(key);
    if (!picture) return;
    this.pictures = this.pictures.filter((one) => one !== picture);
    this.#waiting = this.#waiting.filter((one) => one !== picture);
    picture.cancel?.();
    this.#forget(picture);
    this.#changed();
  }

  retry(key) {
    const picture = this.#find(key);
    if (picture?.state !== "failed") return;
    this.#begin(picture);
    this.#changed();
  }

  clear() {
    for (const { key } of [...this.pictures]) this.remove(key);
  }

  // Internal

  #find = (key) => this.pictures.find((one) => one.key === key);

  #begin(picture) {
    Object.assign(picture, { state: "uploading", progress: 0, message: "" });
    this.#waiting.push(picture);
    this.#next();
  }

  #next() {
    while (this.#running < AT_ONCE && this.#waiting.length > 0) this.#send(this.#waiting.shift());
  }

  async #send(picture) {
    this.#running += 1;
    const file = await shrunk(picture.file);
    const answer = this.#find(picture.key) ? await this.#post(picture, file) : null;
    this.#running -= 1;
    this.#next();
    if (!answer || !this.#find(picture.key)) return;
    if (answer.ok) Object.assign(picture, { state: "ready", facts: answer.facts, name: answer.facts.name });
    else Object.assign(picture, { state: "failed", message: answer.message, code: answer.code });
    this.#changed();
  }

  #post(picture, file) {
    if (file.size > this.#largest) return { ok: false, code: "too_long", message: "" };
    const sending = upload(this.#address, file, {
      name: picture.name,
      progress: (share) => {
        picture.progress = share;
        this.dispatchEvent(new CustomEvent("progress", { detail: picture }));
      },
    });
    picture.cancel = sending.cancel;
    return sending.answer;
  }

  #forget({ preview, file }) {
    if (file && preview) setTimeout(() => URL.revokeObjectURL(preview), KEPT);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
