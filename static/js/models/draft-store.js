import { local, readJson, writeJson } from "../helpers/storage.js";

// What is typed and not yet accepted, per person and conversation, so that no reload, crash or refusal loses it.
//
// A draft is { text, model, pictures, at, sent: { ref, text, pictures } }: `sent` is under way and becomes text again if it fails;
// with its `ref` kept, sending it once more unchanged can never ask the same thing twice.

const PREFIX = "draft:";
const LONGEST_LIFE = 30 * 24 * 3600 * 1000;
const MOST = 50;

export class DraftStore {
  #prefix;
  #storage;

  constructor(person, storage = local()) {
    this.#prefix = `${PREFIX}${person}:`;
    this.#storage = storage;
  }

  load(conversation) {
    return { text: "", model: "", pictures: [], sent: null, stamp: null, ...readJson(this.#storage, this.#key(conversation)) };
  }

  save(conversation, { text, model = "", pictures = [] }) {
    const { sent, stamp } = this.load(conversation);
    this.#put(conversation, { text, model, pictures, sent, stamp });
  }

  // The text has been sent under `ref`; the draft is free for the next one.
  hold(conversation, ref, text, pictures = []) {
    this.#put(conversation, { ...this.load(conversation), text: "", pictures: [], sent: { ref, text, pictures } });
  }

  // The answer has come: nothing to hold any more.
  release(conversation) {
    this.#put(conversation, { ...this.load(conversation), sent: null });
  }

  // What the server and this browser last agreed on (draft-sync.js); null: it keeps none.
  mark(conversation, stamp) {
    this.#put(conversation, { ...this.load(conversation), stamp });
  }

  prune(now = Date.now()) {
    const drafts = this.#keys().map((key) => [key, readJson(this.#storage, key)?.at ?? 0]);
    drafts.sort((one, other) => other[1] - one[1]);
    drafts.forEach(([key, at], index) => {
      if (index >= MOST || now - at > LONGEST_LIFE) this.#storage.removeItem(key);
    });
  }

  // On logout: the next person at this machine must not read them.
  clear() {
    for (const key of this.#keys()) this.#storage.removeItem(key);
  }

  // Internal

  #key = (conversation) => this.#prefix + (conversation || "new");

  #keys = () => Object.keys(this.#storage).filter((key) => key.startsWith(this.#prefix));

  #put(conversation, { text, model, pictures, sent, stamp }) {
    const isEmpty = text === "" && model === "" && pictures.length === 0 && !sent && !stamp;
    writeJson(this.#storage, this.#key(conversation), isEmpty ? null : { text, model, pictures, sent, stamp, at: Date.now() });
  }
}
