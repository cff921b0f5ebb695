import { all, setting } from "../helpers/dom.js";
import { word } from "../helpers/text.js";
import { status } from "../models/announcer.js";
import { socket } from "../models/chat-socket.js";
import { FRAMES, LIVE } from "../protocol.js";

// For who wants to hear an answer while it is written: whenever the status line speaks, the sentences that have come
// to their end since. Each is said once; code and tables are left to whoever walks there.

const END = /[.!?\u2026]["'\u201d\u2019)\]]*\s|[\u3002\uff01\uff1f]["\u201d\u2019\u300d\u300f\uff09]*|\n/g;

let message = "";
let block = 0; // the first that is not said whole
let said = 0; // characters of it

export function start() {
  if (setting("announce") !== "sentences") return;
  status.whole = (text) => {
    const fresh = unsaid();
    return fresh && text === word("answering") ? fresh : [fresh, text].filter(Boolean).join(" ");
  };
  socket.addEventListener("frame", ({ detail }) => heard(detail.frame));
}

function heard(frame) {
  if (frame.type !== FRAMES.delta && frame.type !== FRAMES.snapshot) return;
  if (frame.message !== message) {
    message = frame.message;
    block = said = 0;
    if (frame.type === FRAMES.snapshot) unsaid(); // it was there before
  }
  status.say("");
}

function unsaid() {
  const article = document.querySelector(`[data-message="${CSS.escape(message)}"]`);
  const isLive = LIVE.has(article?.dataset.status);
  const blocks = article ? all("[data-blocks] > *", article) : [];
  let fresh = "";
  for (; block < blocks.length; block += 1) {
    const isOpen = isLive && block === blocks.length - 1;
    const text = blocks[block].matches(".code, .table") ? "" : blocks[block].textContent;
    const end = isOpen ? Math.max(said, ...[...text.matchAll(END)].map((match) => match.index + match[0].length)) : text.length;
    fresh += ` ${text.slice(said, end)}`;
    said = isOpen ? end : 0;
    if (isOpen) break;
  }
  return fresh.trim();
}
