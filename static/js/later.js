// What improves links and forms that work without it; loaded after the chat itself and not preloaded.

import { define } from "./helpers/define.js";
import { start as syncDrafts } from "./elements/draft-sync.js";
import { start as offerPrompts } from "./elements/prompt-offer.js";
import { start as readSentences } from "./elements/sentence-reader.js";
import { start as searchModels } from "./elements/model-search.js";
import { start as allowQuotes } from "./elements/quoting.js";
import { start as tellContext } from "./elements/context-hint.js";
import { walkMenus } from "./models/menus.js";
import { start } from "./models/shortcuts.js";

start();
walkMenus();
syncDrafts();
offerPrompts();
allowQuotes();
searchModels();
tellContext();
readSentences();

define({
  "chat-sidebar": () => import("./elements/chat-sidebar.js"),
  "toast-list": () => import("./elements/toast-list.js"),
  "copy-buttons": () => import("./elements/copy-buttons.js"),
  "picture-tray": () => import("./elements/picture-tray.js"),
  "picture-viewer": () => import("./elements/picture-viewer.js"),
  "queued-question": () => import("./elements/queued-question.js"),
  "search-palette": () => import("./elements/search-palette.js"),
  "shortcut-list": () => import("./elements/shortcut-list.js"),
  "page-dialog": () => import("./elements/page-dialog.js"),
  "message-editor": () => import("./elements/message-editor.js"),
});
