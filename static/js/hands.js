// What improves links, forms and files for whoever uses them; loaded with the first sign of hands on the page. Until then
// links lead to pages and forms are sent, as without it.

import { define } from "./helpers/define.js";
import { start as offerPrompts } from "./elements/prompt-offer.js";
import { start as readSentences } from "./elements/sentence-reader.js";
import { start as searchModels } from "./elements/model-search.js";
import { start as allowQuotes } from "./elements/quoting.js";
import { walkMenus } from "./models/menus.js";

walkMenus();
offerPrompts();
allowQuotes();
searchModels();
readSentences();

export const ready = define({
  "copy-buttons": () => import("./elements/copy-buttons.js"),
  "picture-tray": () => import("./elements/picture-tray.js"),
  "picture-viewer": () => import("./elements/picture-viewer.js"),
  "search-palette": () => import("./elements/search-palette.js"),
  "shortcut-list": () => import("./elements/shortcut-list.js"),
  "page-dialog": () => import("./elements/page-dialog.js"),
  "message-editor": () => import("./elements/message-editor.js"),
});
