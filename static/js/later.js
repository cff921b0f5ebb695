// What improves links and forms that work without it; loaded after the chat itself and not preloaded.

import { define } from "./helpers/define.js";

define({
  "chat-sidebar": () => import("./elements/chat-sidebar.js"),
  "toast-list": () => import("./elements/toast-list.js"),
  "copy-buttons": () => import("./elements/copy-buttons.js"),
  "picture-tray": () => import("./elements/picture-tray.js"),
  "picture-viewer": () => import("./elements/picture-viewer.js"),
  "page-dialog": () => import("./elements/page-dialog.js"),
  "message-editor": () => import("./elements/message-editor.js"),
});
