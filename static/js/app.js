// The page's elements. Each upgrades on its own: one that fails to load or to start leaves the others, and the
// plain links and forms below, at work.

import { report, watchErrors } from "./helpers/report.js";

const elements = {
  "chat-thread": () => import("./elements/chat-thread.js"),
  "chat-composer": () => import("./elements/chat-composer.js"),
  "message-editor": () => import("./elements/message-editor.js"),
  "chat-sidebar": () => import("./elements/chat-sidebar.js"),
  "connection-bar": () => import("./elements/connection-bar.js"),
  "toast-list": () => import("./elements/toast-list.js"),
  "copy-buttons": () => import("./elements/copy-buttons.js"),
};

watchErrors();
for (const [name, load] of Object.entries(elements)) {
  load()
    .then((module) => customElements.define(name, module.default))
    .catch(report);
}
