import { isTyping } from "../helpers/typing.js";

// Text appears at the pace it arrives, over HTML that is already final: what is not yet shown is transparent
// through the CSS Custom Highlight API. Paint only: no span per word, no layout, nothing a copy could miss.
//
// The pace is the greatest of: a little more than the arrival rate, what keeps every promise, and a floor.
// Each piece of text is promised for MAX_LAG after it came; a frame that comes late shows all that is due.

const NAME = "ahead";
const MAX_LAG = 300; // ms; the slowest that still feels like "now"
const MEMORY = 1000; // ms over which the arrival rate is averaged
const HEADROOM = 1.1; // a little faster than it arrives, so the hidden part shrinks
const FLOOR = 0.06; // characters per ms
const LONGEST_FRAME = 100; // ms; a longer pause is not a frame
const WINDOW = 24; // UTF-16 units around a place: longer than any usual grapheme

const graphemes = globalThis.Intl?.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

export class Reveal {
  #root;
  #instant;
  #range = null;
  #shown = 0;
  #total = 0;
  #rate = 0;
  #arrived = 0;
  #promises = []; // [when, upTo]
  #frame = 0;
  #lastFrame = 0;
  #ahead = new Set(); // blocks not reached yet

  constructor(root, { instant = false } = {}) {
    this.#root = root;
    this.#instant = instant || !globalThis.CSS?.highlights;
  }

  get hidden() {
    return Math.max(0, this.#total - Math.floor(this.#shown));
  }

  // Text that is there already is not revealed, it is shown.
  begin(total) {
    this.#total = this.#shown = total;
  }

  grown(total, now = performance.now()) {
    const added = total - this.#total;
    this.#total = total;
    this.#shown = Math.min(this.#shown, total);
    if (this.#instant || document.hidden || isTyping()) return this.finish();
    if (added > 0) this.#promise(added, now);
    this.#place();
    this.#frame ||= requestAnimationFrame(this.#tick);
  }

  // Show everything now: at the end, on Stop, in a hidden tab, beside somebody who types.
  finish() {
    cancelAnimationFrame(this.#frame);
    this.#frame = this.#lastFrame = 0;
    this.#promises.length = 0;
    this.#shown = this.#total;
    this.#place();
  }

  // Internal

  #promise(added, now) {
    this.#rate = this.#rate * Math.exp((this.#arrived - now) / MEMORY) + added;
    this.#arrived = now;
    this.#promises.push([now + MAX_LAG, this.#total]);
  }

  #tick = (now) => {
    this.#frame = 0;
    if (document.hidden || isTyping()) return this.finish();
    const passed = Math.min(LONGEST_FRAME, now - (this.#lastFrame || now)) || 16;
    this.#lastFrame = now;
    this.#shown = Math.min(this.#total, this.#shown + Math.max(1, this.#pace(now) * passed));
    this.#keepPromises(now);
    this.#place();
    if (this.#shown < this.#total) this.#frame = requestAnimationFrame(this.#tick);
    else this.#lastFrame = 0;
  };

  #pace(now) {
    const arrival = ((this.#rate * Math.exp(Math.min(0, this.#arrived - now) / MEMORY)) / MEMORY) * HEADROOM;
    let needed = 0;
    for (const [when, upTo] of this.#promises) {
      needed = Math.max(needed, (upTo - this.#shown) / Math.max(16, when - now));
    }
    return Math.max(FLOOR, arrival, needed);
  }

  #keepPromises(now) {
    while (this.#promises.length > 0 && (this.#promises[0][0] <= now || this.#promises[0][1] <= this.#shown)) {
      this.#shown = Math.max(this.#shown, Math.min(this.#total, this.#promises.shift()[1]));
    }
  }

  // Hide the last `hidden` characters: found from the end, so the cost is that of the hidden text alone.
  #place() {
    const hidden = this.hidden;
    if (hidden === 0) return this.#clear();
    const texts = document.createTreeWalker(this.#root, NodeFilter.SHOW_TEXT);
    let node = lastText(texts, this.#root);
    let left = hidden;
    for (let before = node; node && left > node.data.length; node = before) {
      left -= node.data.length;
      before = texts.previousNode();
      if (!before) break;
    }
    if (!node) return this.#clear();
    this.#hideFrom(node, snap(node.data, Math.max(0, node.data.length - left)));
  }

  #hideFrom(node, offset) {
    this.#range ??= register();
    this.#range.setStart(node, offset);
    this.#range.setEnd(this.#root, this.#root.childNodes.length);
    let block = node;
    while (block.parentNode !== this.#root) block = block.parentNode;
    this.#markAfter(block);
  }

  // Bullets, boxes and rules are not text: blocks that are not reached yet are hidden whole.
  #markAfter(reached) {
    const ahead = new Set();
    for (let block = reached?.nextElementSibling; block; block = block.nextElementSibling) {
      ahead.add(block);
      if (!this.#ahead.has(block)) block.setAttribute("data-ahead", "");
    }
    for (const block of this.#ahead) if (!ahead.has(block)) block.removeAttribute("data-ahead");
    this.#ahead = ahead;
  }

  #clear() {
    if (this.#range) unregister(this.#range);
    this.#range = null;
    this.#markAfter(null);
  }
}

// One highlight for the page: several answers may be running.
function register() {
  const range = new Range();
  const highlight = CSS.highlights.get(NAME);
  if (highlight) highlight.add(range);
  else CSS.highlights.set(NAME, new Highlight(range));
  return range;
}

function unregister(range) {
  const highlight = CSS.highlights.get(NAME);
  highlight?.delete(range);
  if (highlight?.size === 0) CSS.highlights.delete(NAME);
}

function lastText(texts, root) {
  let last = root;
  while (last.lastChild) last = last.lastChild;
  texts.currentNode = last;
  return last.nodeType === Node.TEXT_NODE ? last : texts.previousNode();
}

// Back to the border of a grapheme, looking at a small window only.
function snap(text, offset) {
  if (!graphemes || offset <= 0 || offset >= text.length) return offset;
  const from = Math.max(0, offset - WINDOW);
  const part = graphemes.segment(text.slice(from, offset + WINDOW)).containing(offset - from);
  return from + (part?.index ?? offset - from);
}
