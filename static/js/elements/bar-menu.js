import { all } from "../helpers/dom.js";
import { chat } from "../models/chat-state.js";

// A chat that has begun on this page gets the menu that its own page would have come with: from a template that is made
// for a chat of no id.

const NOBODY = "00000000-0000-0000-0000-000000000000";
const LEADS = ["href", "action", "formaction"];

export function start() {
  chat.addEventListener("change", complete);
  complete();
}

function complete() {
  const template = document.getElementById("t-bar-menu");
  if (!template || !chat.conversation || document.getElementById("chat-menu")) return;
  const menu = document.importNode(template.content, true);
  for (const lead of LEADS) {
    for (const part of all(`[${lead}]`, menu)) part.setAttribute(lead, part.getAttribute(lead).replace(NOBODY, chat.conversation));
  }
  const isTemporary = "temporary" in document.getElementById("thread").dataset; // its bar says just that
  menu.querySelector("#title").value = isTemporary ? "" : document.querySelector("[data-chat-title]").textContent.trim();
  document.querySelector(".bar__new").before(menu);
}
