// What keeps the page up to date while nobody touches it; loaded after the chat itself and not preloaded.

import { define } from "./helpers/define.js";
import { start as completeBar } from "./elements/bar-menu.js";
import { start as syncDrafts } from "./elements/draft-sync.js";
import { start as tellContext } from "./elements/context-hint.js";

completeBar();
syncDrafts();
tellContext();

export const ready = define({
  "chat-sidebar": () => import("./elements/chat-sidebar.js"),
  "toast-list": () => import("./elements/toast-list.js"),
  "queued-question": () => import("./elements/queued-question.js"),
});
