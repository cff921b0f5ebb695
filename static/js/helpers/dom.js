// Parsing, cloning and finding. The only place that turns a string of the server's HTML into nodes.

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export function parseElement(html) {
  return parse(html).firstElementChild;
}

// A fresh copy of the one element inside <template id=…>; null where the page has no such template. Imported, not
// cloned: custom elements in it are upgraded at once and keep what is set on them.
export function clone(id) {
  const template = document.getElementById(id);
  const element = template?.content.firstElementChild;
  return element ? document.importNode(element, true) : null;
}

export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Every keydown listener that reads Enter, Escape, Tab or arrows asks this first.
// Safari ends a composition before its Enter arrives, marked by the key code 229 only.
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

export const isCoarse = () => matchMedia("(pointer: coarse)").matches;

export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// What the person has chosen and is not the usual (`data-` of the root).
export const setting = (name) => document.documentElement.dataset[name];

export const isField = (node) => Boolean(node?.closest?.("textarea, input, select, [contenteditable]"));

export function setHidden(node, hidden) {
  if (node && node.hidden !== hidden) node.hidden = hidden;
}

export function setText(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

// Show a sentence in its place; an empty one hides the place.
export function tell(node, text) {
  if (!node) return;
  setText(node, text);
  setHidden(node, text === "");
}

// Change what is inside `root`; a focus that was there and has lost its node goes to what `place` names.
export function keepFocus(root, change, place) {
  const wasInside = root.contains(document.activeElement);
  change();
  if (wasInside && !root.contains(document.activeElement)) focusOn(place());
}

// Keep the room of a field as high as the field is, and that as high as its text. A room that is sized from here keeps
// what a key changes to itself: the browser lays out the field, not the page around it (composer.css).
export function fit(field) {
  const room = field.parentElement;
  if (!room.style.blockSize) fitted.observe(field);
  if (!GROWS) {
    field.style.blockSize = 0;
    field.style.blockSize = `${field.scrollHeight}px`;
  }
  room.style.blockSize = `${field.offsetHeight}px`;
}

const GROWS = CSS.supports("field-sizing", "content");
const fitted = new ResizeObserver((fields) => fields.forEach(({ target }) => fit(target)));

// Focus without moving the page: the keeper decides what scrolls.
export const focusOn = (node) => node?.focus({ preventScroll: true });
