import { setHidden, setText } from "../helpers/dom.js";
import { language, word } from "../helpers/text.js";
import { debounce } from "../helpers/timing.js";
import { chat } from "../models/chat-state.js";

// How much of what a model can read a chat takes, told from half of it on. What was counted with the last answer is
// the base; what is being typed is estimated.

const AFTER = 300; // ms after the last key
const SAID_FROM = 0.5;
const PER_CHARACTER = 1 / 4; // tokens
const PER_IDEOGRAPH = 0.7;
const IDEOGRAPHS = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/g;

export function start() {
  const place = document.querySelector("[data-context]");
  const form = place?.closest("chat-composer").querySelector("form");
  const model = form?.querySelector("[name=model]");
  if (!model) return;
  const update = () => show(place, form.elements.text.value, model.selectedOptions[0]);
  form.addEventListener("input", debounce(update, AFTER));
  chat.addEventListener("change", update);
  update();
}

function show(place, text, option) {
  const whole = Number(option?.dataset.window);
  const counted = Number([...document.querySelectorAll("#thread [data-tokens]")].at(-1)?.dataset.tokens ?? 0);
  const used = counted + estimated(text);
  const isSaid = whole > 0 && used > whole * SAID_FROM;
  setHidden(place, !isSaid);
  place.toggleAttribute("data-over", isSaid && used > whole);
  if (isSaid) setText(place, word(used > whole ? "context-over" : "context", { used: short(used), whole: short(whole) }));
}

function estimated(text) {
  const ideographs = text.match(IDEOGRAPHS)?.length ?? 0;
  return Math.round(ideographs * PER_IDEOGRAPH + (text.length - ideographs) * PER_CHARACTER);
}

const short = (tokens) => new Intl.NumberFormat(language(), { notation: "compact", maximumFractionDigits: 1 }).format(tokens);
