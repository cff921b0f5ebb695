import { post } from "../helpers/http.js";
import { readJson, session, writeJson } from "../helpers/storage.js";
import { chat } from "../models/chat-state.js";

// A temporary chat ends when its tab shows another one. A reload, or a page of the settings, does not end it; what a
// closed tab leaves behind the server sweeps away.

const KEY = "temporary";

export function leaveTemporary(signal) {
  const thread = document.querySelector("#thread");
  const before = readJson(session(), KEY);
  if (before && before !== thread.dataset.conversation) post(`/c/${before}/leave`);
  const remember = () => writeJson(session(), KEY, ("temporary" in thread.dataset && thread.dataset.conversation) || null);
  remember();
  chat.addEventListener("change", remember, { signal });
  document.addEventListener("click", ({ target }) => target.closest("[data-do=leave]") && writeJson(session(), KEY, null), { signal });
}
