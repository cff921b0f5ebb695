import { isCalm, isField } from "../helpers/dom.js";
import { isTyping } from "../helpers/typing.js";

// Where the document stands. While following, growth glides to the end; after the reader has moved, nothing does.
// A scroll event is the reader's unless it is one of our own writes, a clamp or the browser's anchoring:
// attribution, no grace periods.

const NEAR = 48; // px from the end that still count as the end
const DRIFT = 3; // px upwards that are no accident
const MATCH = 1.5; // px by which our own write may come back rounded
const GLIDE = 80; // ms, time constant of the glide
const SLOWEST = 0.2; // px per ms, so that the last pixels do not crawl
const DRAG = 10; // px a finger moves before it means it
const SHOW_JUMP = 200;
const HIDE_JUMP = 60;

export class ScrollKeeper {
  #thread;
  #scroller;
  #changed;
  #following = true;
  #jump = false;
  #wrote = -1;
  #top = 0;
  #max = 0;
  #frame = 0;
  #lastFrame = 0;
  #touched = null;
  #stopping = new AbortController();
  #grew = new ResizeObserver(() => this.grown());

  constructor(thread, { changed = () => {}, scroller = document.scrollingElement } = {}) {
    this.#thread = thread;
    this.#changed = changed;
    this.#scroller = scroller;
  }

  // Lifecycle

  // A page that was opened at a message stays there.
  start({ following = true } = {}) {
    const options = { passive: true, signal: this.#stopping.signal };
    addEventListener("scroll", () => this.#scrolled(), options);
    addEventListener("wheel", (event) => this.#wheeled(event), options);
    addEventListener("keydown", (event) => this.#keyed(event), options);
    addEventListener("touchstart", (event) => this.#touch(event), options);
    addEventListener("touchmove", (event) => this.#dragged(event), options);
    addEventListener("resize", () => this.grown(), options);
    this.#grew.observe(document.body); // the thread and the field below it
    this.#remember();
    this.#set(following);
  }

  stop() {
    this.#stopping.abort();
    this.#grew.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  // Questions

  get following() {
    return this.#following;
  }

  get wantsJump() {
    return this.#jump;
  }

  get gap() {
    return this.#end - this.#scroller.scrollTop;
  }

  // The end is on the screen, and it is the real one: no room is kept below for what has become shorter.
  get isAtEnd() {
    return this.#following && this.gap <= 0.5 && !this.#thread.style.minBlockSize;
  }

  // Actions

  follow() {
    this.#thread.style.minBlockSize = "";
    this.#set(true);
    this.grown();
  }

  release() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#wrote = -1; // whoever comes back to this very place is the reader
    this.#set(false);
  }

  grown() {
    if (this.#following && isTyping()) this.#write(this.#end);
    else if (this.#following && !this.#frame && this.gap > 0.5) {
      this.#lastFrame = performance.now();
      this.#frame = requestAnimationFrame(this.#glide);
    }
    this.#showJump();
  }

  // Make a change so that a node, or the one that `change` returns in its place, stays where it is on the screen.
  hold(node, change) {
    const before = node.getBoundingClientRect().top;
    const successor = change() ?? node;
    const moved = successor.isConnected ? successor.getBoundingClientRect().top - before : 0;
    if (Math.abs(moved) >= 0.5) {
      const wanted = this.#scroller.scrollTop + moved;
      if (wanted > this.#end) this.#makeRoom(wanted - this.#end);
      this.#write(Math.max(0, wanted));
    }
    if (this.gap > NEAR) this.release();
  }

  // Internal

  get #end() {
    return this.#scroller.scrollHeight - innerHeight;
  }

  #glide = (now) => {
    this.#frame = 0;
    if (!this.#following) return;
    const gap = this.gap;
    const passed = Math.max(1, Math.min(64, now - this.#lastFrame));
    this.#lastFrame = now;
    const eased = Math.max(gap * (1 - Math.exp(-passed / GLIDE)), Math.min(gap, SLOWEST * passed));
    this.#write(this.#scroller.scrollTop + (isCalm() || document.hidden || isTyping() || gap < 1 ? gap : eased));
    if (this.gap > 0.5) this.#frame = requestAnimationFrame(this.#glide);
  };

  // What has become shorter keeps its room, or the browser would clamp the page and move all of it.
  #makeRoom(missing) {
    const height = this.#thread.getBoundingClientRect().height;
    this.#thread.style.minBlockSize = `${Math.ceil(height + missing)}px`;
  }

  #write(top) {
    this.#scroller.scrollTop = top;
    this.#wrote = this.#scroller.scrollTop;
    this.#remember();
  }

  #remember() {
    this.#top = this.#scroller.scrollTop;
    this.#max = this.#end;
  }

  #scrolled() {
    const top = this.#scroller.scrollTop;
    const max = this.#end;
    const isOurs = Math.abs(top - this.#wrote) <= MATCH;
    const isClamp = max < this.#max && Math.abs(top - max) <= MATCH;
    const grew = max - this.#max;
    const isAnchoring = Math.abs(grew) > MATCH && Math.abs(top - this.#top - grew) <= MATCH;
    if (!isOurs && !isClamp && !isAnchoring) this.#read(top, max);
    this.#remember();
    this.#showJump();
  }

  #read(top, max) {
    if (top < this.#top - DRIFT) this.release();
    else if (top > this.#top && max - top <= NEAR) this.follow();
  }

  #wheeled(event) {
    const isUp = event.deltaY < 0 && Math.abs(event.deltaY) > Math.abs(event.deltaX);
    if (isUp && !event.ctrlKey && !hasRoomAbove(event.target)) this.#leave();
  }

  #keyed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const isUp = event.key === "PageUp" || event.key === "Home" || event.key === "ArrowUp";
    const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.defaultPrevented;
    if (isUp && isPlain && !isField(event.target)) this.#leave();
  }

  #touch(event) {
    this.#touched = event.touches.length === 1 ? event.touches[0].clientY : null;
  }

  #dragged(event) {
    if (this.#touched === null || hasRoomAbove(event.target)) return;
    if (event.touches[0].clientY - this.#touched > DRAG) this.#leave();
  }

  // Where all fits on the screen there is nothing to leave.
  #leave() {
    if (this.#end > 0) this.release();
  }

  #set(following) {
    if (following !== this.#following || !this.#scroller.style.overflowAnchor) {
      this.#following = following;
      this.#scroller.style.overflowAnchor = following ? "none" : "auto";
      this.#changed(this);
    }
    this.#showJump();
  }

  #showJump() {
    const jump = !this.#following && this.gap > (this.#jump ? HIDE_JUMP : SHOW_JUMP);
    if (jump === this.#jump) return;
    this.#jump = jump;
    this.#changed(this);
  }
}

// A code block or table under the pointer that can itself scroll up takes the movement.
function hasRoomAbove(node) {
  for (let box = node; box instanceof Element && box !== document.body; box = box.parentElement) {
    if (box.scrollTop > 0 && box.scrollHeight > box.clientHeight + 1) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowY)) return true;
    }
  }
  return false;
}
