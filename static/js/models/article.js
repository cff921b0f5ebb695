import { all, clone, focusOn } from "../helpers/dom.js";

// One message's article: bring it up to what the server says while the nodes of its blocks live on, so that
// neither a selection nor the focus in the text notices that the answer has ended.

const BLOCKS = "[data-blocks]";

// Everything but the blocks: attributes, name, Thinking, failure, caption, source.
export function refresh(article, fresh) {
  const blocks = article.querySelector(BLOCKS);
  const freshBlocks = fresh.querySelector(BLOCKS);
  if (!blocks || !freshBlocks) return article.replaceWith(fresh);
  const refocus = rememberFocus(article, blocks);
  const isOpen = article.querySelector("details.thinking")?.open;
  copyAttributes(article, fresh);
  copyAttributes(blocks, freshBlocks); // its language, too
  for (const node of [...article.childNodes]) if (node !== blocks) node.remove();
  let before = true;
  for (const node of [...fresh.childNodes]) {
    if (node === freshBlocks) before = false;
    else if (before) blocks.before(node);
    else article.append(node);
  }
  const thinking = article.querySelector("details.thinking");
  if (thinking && isOpen) thinking.open = true;
  refocus();
}

// The blocks of a finished answer are those of the server: what differs is put in, what is equal stays.
export function settle(blocks, freshBlocks) {
  const fresh = [...freshBlocks.children];
  const shown = [...blocks.children];
  fresh.forEach((block, index) => {
    if (!shown[index]) blocks.append(block);
    else if (!isSame(shown[index], block)) shown[index].replaceWith(block);
  });
  for (const block of shown.slice(fresh.length)) block.remove();
}

// The same message in the same state with the same words.
export const isSameMessage = (article, fresh) =>
  article.dataset.message === fresh.dataset.message &&
  article.dataset.status === fresh.dataset.status &&
  sourceOf(article) === sourceOf(fresh) &&
  numberOf(article) === numberOf(fresh);

export const sourceOf = (article) => article.querySelector("[data-source]")?.value ?? "";

// Figures of code and tables get their buttons from the page: the renderer knows nothing of buttons. Those of a table
// come once its answer has ended, for it grows at its end.
export function addCopyButtons(node, button) {
  if (!button || !(node instanceof Element)) return;
  if (node.localName === "article" && node.getAttribute("aria-busy") !== "true") {
    for (const table of all(".table:not(:has(> [data-tools]))", node)) table.append(clone("t-copy-table") ?? "");
  }
  for (const figure of node.matches("figure.code") ? [node] : all("figure.code", node)) {
    const head = figure.querySelector("figcaption");
    if (head && !head.querySelector("[data-do]")) head.append(button.cloneNode(true));
  }
}

// Internal

function isSame(one, other) {
  if (one.isEqualNode(other)) return true;
  const bare = one.cloneNode(true);
  for (const tool of all("[data-tools]", bare)) tool.remove();
  bare.querySelector("figure[data-wrap]")?.removeAttribute("data-wrap");
  bare.removeAttribute("data-wrap");
  return bare.isEqualNode(other);
}

const numberOf = (article) => article.querySelector("footer nav")?.textContent.replace(/\s+/g, "") ?? "";

// All but that its tables keep the columns they were written with.
function copyAttributes(article, fresh) {
  for (const { name } of [...article.attributes]) {
    if (name !== "data-steady" && !fresh.hasAttribute(name)) article.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (article.getAttribute(name) !== value) article.setAttribute(name, value);
  }
}

function rememberFocus(article, blocks) {
  const focused = document.activeElement;
  if (!article.contains(focused) || blocks.contains(focused) || focused === article) return () => {};
  const action = focused.closest("[data-do]")?.dataset.do;
  const isSummary = focused.localName === "summary";
  return () => {
    const again = isSummary ? "details.thinking summary" : `[data-do="${action}"]`;
    focusOn(article.querySelector(again) ?? article);
  };
}
