import { readJson, session, writeJson } from "../helpers/storage.js";
import { MAX_COMMAND_BYTES } from "../protocol.js";

// Commands that must not be lost. Each carries a `ref`, so sending one again is harmless: the server answers the
// same ids. They are sent on every new connection until answered, survive a reload of this tab, can be taken back. They
// are one person's: whoever signs in next in this tab neither sends nor sees them.

const PREFIX = "outbox:";

export class Outbox {
  #send;
  #key;
  #storage;
  #entries; // ref → command

  constructor(send, person, storage = session()) {
    this.#send = send;
    this.#key = PREFIX + person;
    this.#storage = storage;
    this.#entries = new Map(Object.entries(readJson(storage, this.#key) ?? {}));
  }

  get commands() {
    return [...this.#entries.values()];
  }

  has(ref) {
    return this.#entries.has(ref);
  }

  // True if the command is under way or waits; false if no server would ever read it.
  put(command) {
    if (new TextEncoder().encode(JSON.stringify(command)).length > MAX_COMMAND_BYTES) return false;
    this.#entries.set(command.ref, command);
    this.#write();
    this.#send(command);
    return true;
  }

  // After a new connection: what was sent on the old one may or may not have arrived.
  flush() {
    for (const command of this.#entries.values()) this.#send(command);
  }

  // The command, if it was still waiting for its answer.
  take(ref) {
    const command = this.#entries.get(ref);
    this.#entries.delete(ref);
    this.#write();
    return command;
  }

  // Internal

  #write() {
    writeJson(this.#storage, this.#key, Object.fromEntries(this.#entries));
  }
}
