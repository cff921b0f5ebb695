// What a chat cannot do without. Each element upgrades on its own: one that fails to load or to start leaves the
// others, and the plain links and forms below, at work. The rest comes when the page has nothing better to do.

import { define } from "./helpers/define.js";
import { report, watchErrors } from "./helpers/report.js";
import { session } from "./helpers/storage.js";

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

const loadRest = () => import("./later.js").catch(missed);
const missed = (error) => (navigator.onLine ? report(error) : addEventListener("online", loadRest, { once: true }));
const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
whenIdle(loadRest, { timeout: 1000 });
