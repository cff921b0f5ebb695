// What a chat cannot do without. Each element upgrades on its own: one that fails to load or to start leaves the
// others, and the plain links and forms below, at work. What keeps the page up to date comes when it has nothing better
// to do, what waits for somebody's hands with the first sign of them.

import { define } from "./helpers/define.js";
import { setting } from "./helpers/dom.js";
import { report, watchErrors } from "./helpers/report.js";
import { session } from "./helpers/storage.js";
import { pause } from "./helpers/timing.js";
import { start as heedKeys } from "./models/shortcuts.js";

const SIGNS = ["pointermove", "pointerdown", "keydown", "dragenter", "paste", "chat:pictures"];
const OF_HANDS = "a[data-dialog], a[data-do=edit], [data-do^=copy], [data-do^=pick-], [data-do=wrap-code], [data-do=save-code]";
const AGAIN = 3000; // ms

watchErrors();
import("./models/chat-socket.js").then(({ socket }) => socket.start()).catch(report); // it connects while they upgrade
define({
  "chat-thread": () => import("./elements/chat-thread.js"),
  "chat-composer": () => import("./elements/chat-composer.js"),
  "connection-bar": () => import("./elements/connection-bar.js"),
});

const list = document.querySelector(".sidebar__list");
list.scrollTop = session().getItem("list");
addEventListener("pagehide", () => list.clientHeight && session().setItem("list", list.scrollTop));

// A part that could not be fetched is tried again: the network was away, or the server. Without network whoever waits for
// it waits on, for a link would lead to the browser's own page.
const missed = (again) => (error) => {
  const later = pause(AGAIN).then(again);
  return navigator.onLine ? report(error) : later;
};
const loadRest = () => import("./later.js").then((part) => part.ready).catch(missed(loadRest));
const loadHands = () => import("./hands.js").then((part) => part.ready).catch(missed(loadHands));

const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
let rest = null;
const bringRest = () => (rest ??= loadRest());
whenIdle(bringRest, { timeout: 1000 });

// Hands come with the rest: what they do may have to be told, and the toasts are there.
let hands = null;
const waiting = new AbortController();
const reach = () => {
  waiting.abort();
  return (hands ??= Promise.all([loadHands(), bringRest()]).finally(() => document.removeEventListener("click", hold, true)));
};
for (const sign of SIGNS) document.addEventListener(sign, reach, { capture: true, passive: true, signal: waiting.signal });
document.addEventListener("click", hold, true);
heedKeys(reach);
if (setting("announce")) reach(); // sentences are read to who only listens

// What is pressed before its script has come is pressed once more when it is there; a first tap gives no earlier sign.
function hold(event) {
  const control = event.target.closest(OF_HANDS);
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  reach().then(() => control.click());
}
