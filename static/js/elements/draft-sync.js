import { post } from "../helpers/http.js";
import { debounce, pause } from "../helpers/timing.js";
import { DraftStore } from "../models/draft-store.js";

// Drafts on their way to the person's other devices. The local draft is saved with every pause of typing; this sends
// it on after a longer one. The draft that was saved last counts. A draft's `stamp` is { at, text }: what the server
// and this browser last agreed on, so that neither takes its own old text for new.

const SEND_AFTER = 1500; // ms of quiet
const WAIT_AT_MOST = 2000; // ms that signing out is held back for the last words

export function start() {
  const form = document.querySelector("chat-composer form");
  const thread = document.getElementById("thread");
  if (!form?.dataset.draftUrl || !thread || "temporary" in thread.dataset) return;
  const drafts = new DraftStore(document.getElementById("words")?.dataset.person ?? "");
  const { draft: theirs, draftStamp: stamp, draftUrl: url } = form.dataset;
  const waiting = new Set();
  let sent = Promise.resolve(); // all that has been sent, once it is answered
  let isOver = false; // signed out: nothing is kept here any more

  const send = async (key) => {
    const { text, sent, stamp: known } = drafts.load(key);
    if (sent || text === (known?.text ?? "")) return;
    const answer = await post(url, { conversation: key, text, seen: known?.at ?? "" });
    if (answer.ok && !isOver) drafts.mark(key, text.trim() ? { at: answer.facts.stamp, text } : null);
  };
  const sendAll = () => {
    sent = Promise.all([sent, ...[...waiting].map(send)]);
    waiting.clear();
  };
  const later = debounce(sendAll, SEND_AFTER);

  // Who has signed out can save nothing: the form that does it waits until the server has answered.
  const last = async (event) => {
    event.preventDefault();
    later.flush();
    await Promise.race([sent, pause(WAIT_AT_MOST)]);
    event.target.submit();
  };

  document.addEventListener("chat:draft", ({ detail }) => {
    waiting.add(detail.key);
    isOver = Boolean(detail.leaving);
    later();
    if (isOver) last(detail.leaving);
  });
  document.addEventListener("visibilitychange", () => later.flush());
  addEventListener("pagehide", () => later.flush());
  addEventListener("online", () => later());

  const key = thread.dataset.conversation;
  const { text, stamp: known } = drafts.load(key);
  const isMine = text !== (known?.text ?? "");
  if (stamp === (known?.at ?? "") || isMine) waiting.add(key) && later();
  else if (stamp || known) {
    drafts.mark(key, stamp ? { at: stamp, text: theirs } : null);
    document.dispatchEvent(new CustomEvent("chat:draft-came", { detail: { key, was: text, text: theirs } }));
  }
}
