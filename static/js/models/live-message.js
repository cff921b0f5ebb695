import { COMMANDS } from "../protocol.js";

// One answer that is being written: keeps the frames in order, asks for a snapshot when one is missing, and says
// what has been taken in. Knows nodes only through Blocks and Reveal.

const ACK_PAUSE = 500; // ms
const ACK_SIZE = 64 * 1024; // characters of frames

export class LiveMessage {
  #send;
  #blocks;
  #reveal;
  #seq; // null: unknown until a snapshot
  #asked = false;
  #current = true; // false after a lost connection: what came meanwhile is unknown until a snapshot
  #acked = 0;
  #size = 0;
  #ackTimer = 0;

  constructor({ id, blocks, reveal, send, seq = null }) {
    this.id = id;
    this.#blocks = blocks;
    this.#reveal = reveal;
    this.#send = send;
    this.#seq = seq;
  }

  get seq() {
    return this.#seq;
  }

  get isKnown() {
    return this.#seq !== null;
  }

  get needsSnapshot() {
    return !this.isKnown || !this.#current;
  }

  get textLength() {
    return this.#blocks.textLength;
  }

  // True if the patches were taken in.
  delta({ seq, patches }, size = 0) {
    if (this.isKnown && seq <= this.#seq) return false;
    if (!this.isKnown || seq !== this.#seq + 1) {
      this.resync();
      return false;
    }
    this.#seq = seq;
    this.#blocks.apply(patches);
    this.#reveal.grown(this.#blocks.textLength);
    this.#acknowledge(size);
    return true;
  }

  snapshot({ seq, blocks }) {
    this.#asked = false;
    this.#current = true;
    if (this.isKnown && seq < this.#seq) return false;
    const first = !this.isKnown;
    this.#seq = seq;
    this.#blocks.show(blocks);
    if (first) this.#reveal.begin(this.#blocks.textLength);
    else this.#reveal.grown(this.#blocks.textLength);
    this.#acknowledge(0);
    return true;
  }

  // Ask once; the answer is a snapshot.
  resync() {
    if (!this.#asked) this.#asked = this.#send({ type: COMMANDS.resync, message: this.id });
  }

  // A new connection knows nothing of the question that was asked on the old one.
  disconnected() {
    this.#asked = false;
    this.#current = false;
    this.#acked = 0;
    clearTimeout(this.#ackTimer);
    this.#ackTimer = 0;
  }

  showAll() {
    this.#reveal.finish();
  }

  end() {
    this.showAll();
    clearTimeout(this.#ackTimer);
  }

  // Internal

  #acknowledge(size) {
    this.#size += size;
    if (this.#size >= ACK_SIZE) this.#ack();
    else this.#ackTimer ||= setTimeout(() => this.#ack(), ACK_PAUSE);
  }

  #ack() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = 0;
    this.#size = 0;
    if (this.#seq === null || this.#seq === this.#acked) return;
    this.#acked = this.#seq;
    this.#send({ type: COMMANDS.ack, message: this.id, seq: this.#seq });
  }
}
