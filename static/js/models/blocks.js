import { parse, parseElement } from "../helpers/dom.js";

// The blocks of one answer: each patch [block, keep, html] changes only the end of one block's nodes.
//
// A block is one element of balanced HTML. Cut it at `keep`: every element open there is closed by an end tag
// in what is cut off, so the tail alone says how deep the cut lies and how many nodes follow at each level.
// The live nodes are then found by walking in from the end, and only the new HTML is parsed, inside
// empty copies of the open elements. Nothing is read again, so the cost does not grow with the block.

const TAG = /<(\/?)([a-zA-Z][\w:-]*)(?:"[^"]*"|'[^']*'|[^'">])*>/g;
const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const LONGEST_ENTITY = 10;
const LONG_TAIL = 16 * 1024; // characters; beyond it all but a quarter goes to the head, which is only appended to
const [OPEN, CLOSE, ALONE] = [1, -1, 0];

export class Blocks {
  #root;
  #added;
  #blocks = []; // { source, element, tags: [{ at, end, kind, name }] }

  replaced = 0; // blocks built anew because a patch did not fit; tests want few
  textLength = 0; // characters in all blocks

  // `added` is called with each new element, after it has its place.
  constructor(root, { added = () => {} } = {}) {
    this.#root = root;
    this.#added = added;
  }

  get root() {
    return this.#root;
  }

  get html() {
    return this.#blocks.map((block) => block.source.toString());
  }

  apply(patches) {
    for (const [index, keep, html] of patches) {
      if (html === null) this.#truncate(index);
      else if (index >= this.#blocks.length) this.#append(html);
      else this.#patch(index, keep, html);
    }
  }

  // Whole blocks, from a snapshot: what is the same keeps its nodes.
  show(htmls) {
    if (this.#blocks.length === 0) this.#adopt(htmls);
    this.#truncate(htmls.length);
    htmls.forEach((html, index) => {
      if (index >= this.#blocks.length) this.#append(html);
      else this.#change(index, html);
    });
  }

  // Internal

  // Take over the blocks that came with the page; where they differ from the snapshot, the difference is patched.
  #adopt(htmls) {
    for (const element of [...this.#root.children]) {
      const html = htmls[this.#blocks.length];
      const bare = withoutButtons(element);
      const same = html !== undefined && parseElement(html)?.isEqualNode(bare);
      this.#blocks.push(newBlock(same ? html : bare.outerHTML, element));
      this.textLength += element.textContent.length;
    }
  }

  #change(index, html) {
    const old = this.#blocks[index].source.toString();
    if (old === html) return;
    const keep = commonLength(old, html);
    this.#patch(index, keep, html.slice(keep));
  }

  #append(html) {
    const element = parseElement(html) ?? document.createElement("p");
    this.#root.append(element);
    this.#blocks.push(newBlock(html, element));
    this.textLength += element.textContent.length;
    this.#added(element);
  }

  #truncate(count) {
    for (const { element } of this.#blocks.splice(count)) this.#drop(element);
  }

  #patch(index, keep, html) {
    const block = this.#blocks[index];
    const cut = keep > 0 ? safeCut(block, keep) : 0;
    const more = block.source.slice(cut, keep) + html;
    if (cut > 0 && this.#graft(block, cut, more)) this.#remember(block, cut, more);
    else this.#replace(index, block.source.slice(0, keep) + html);
  }

  #remember({ source, tags }, cut, more) {
    tags.length = firstTagFrom(tags, cut);
    readTags(more, cut, tags);
    source.replaceFrom(cut, more);
  }

  #replace(index, html) {
    const element = parseElement(html) ?? document.createElement("p");
    const old = this.#blocks[index].element;
    this.replaced += 1;
    this.textLength += element.textContent.length - old.textContent.length;
    old.replaceWith(element);
    this.#blocks[index] = newBlock(html, element);
    this.#added(element);
  }

  // Put the nodes of `more` in place of all behind the cut; false where the trees do not agree.
  #graft(block, cut, more) {
    const levels = measureTail(block, cut);
    const spine = levels && walkIn(block.element, levels);
    if (!spine) return false;
    const grown = parseInside(spine, more);
    if (!grown) return false;
    const last = levels.length - 1;
    for (let level = last; level >= 0; level -= 1) {
      for (let count = levels[level].nodes; count > 0; count -= 1) this.#drop(spine[level].lastChild);
      const added = grown[level];
      if (level === last) this.#joinText(spine[level], levels[level].text, added);
      this.textLength += added.reduce((sum, node) => sum + node.textContent.length, 0);
      spine[level].append(...added);
      for (const node of added) if (node.nodeType === Node.ELEMENT_NODE) this.#added(node);
    }
    return true;
  }

  // Where the cut lies inside a text, that text node lives on: a selection in it must not notice.
  #joinText(parent, cutOff, added) {
    const text = parent.lastChild;
    if (text?.nodeType !== Node.TEXT_NODE) return;
    const at = text.data.length - cutOff;
    const more = added[0]?.nodeType === Node.TEXT_NODE ? added.shift().data : "";
    this.textLength += more.length - cutOff;
    if (at === 0 && more === "") text.remove();
    else if (cutOff === 0) text.appendData(more);
    else if (text.data.slice(at) !== more) text.replaceData(at, cutOff, more);
  }

  #drop(node) {
    this.textLength -= node.textContent.length;
    node.remove();
  }
}

// The HTML of a block. Only its end is ever read or changed, so only the end is one flat string.
class Source {
  #head = "";
  #tail;

  constructor(html) {
    this.#tail = html;
  }

  get length() {
    return this.#head.length + this.#tail.length;
  }

  slice(from, to = this.length) {
    const begin = this.#head.length;
    return from >= begin ? this.#tail.slice(from - begin, to - begin) : this.toString().slice(from, to);
  }

  replaceFrom(at, html) {
    const begin = this.#head.length;
    if (at < begin) [this.#head, this.#tail] = ["", this.toString().slice(0, at) + html];
    else this.#tail = this.#tail.slice(0, at - begin) + html;
    if (this.#tail.length <= LONG_TAIL) return;
    this.#head += this.#tail.slice(0, -LONG_TAIL / 4);
    this.#tail = this.#tail.slice(-LONG_TAIL / 4);
  }

  toString() {
    return this.#head + this.#tail;
  }
}

const newBlock = (html, element) => ({ source: new Source(html), element, tags: readTags(html, 0, []) });

// `html` stands at `base` in its block.
function readTags(html, base, tags) {
  TAG.lastIndex = 0;
  for (let match = TAG.exec(html); match; match = TAG.exec(html)) {
    const name = match[2].toLowerCase();
    const alone = VOID.has(name) || match[0].endsWith("/>");
    const [at, end] = [base + match.index, base + TAG.lastIndex];
    tags.push({ at, end, name, kind: match[1] ? CLOSE : alone ? ALONE : OPEN });
  }
  return tags;
}

// The number of tags that begin before `at` (binary search).
function firstTagFrom(tags, at) {
  let low = 0;
  let high = tags.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tags[middle].at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The nearest place at or before `keep` that lies neither inside a tag, an entity nor a pair of surrogates.
function safeCut({ source, tags }, keep) {
  const before = tags[firstTagFrom(tags, keep) - 1];
  if (before && before.end > keep) return before.at;
  const from = Math.max(before?.end ?? 0, keep - LONGEST_ENTITY);
  const near = source.slice(from, keep);
  const amp = near.lastIndexOf("&");
  if (amp >= 0 && !near.includes(";", amp)) return from + amp;
  return (near.charCodeAt(near.length - 1) & 0xfc00) === 0xd800 ? keep - 1 : keep;
}

// What is cut off, per open element from the block inwards: its name, how many whole nodes go, and at the cut
// itself how many characters of a text that stays.
function measureTail({ source, tags }, cut) {
  const levels = [{ name: "", nodes: 0, text: 0 }]; // from the cut outwards
  let depth = 0;
  let at = cut;
  const first = firstTagFrom(tags, cut);
  const inText = first > 0 && tags[first - 1].end < cut;
  const countText = (to) => {
    if (to <= at || depth > 0) return;
    const level = levels[levels.length - 1];
    if (levels.length === 1 && at === cut && inText) level.text = textLength(source.slice(at, to));
    else level.nodes += 1;
  };
  for (let index = first; index < tags.length; index += 1) {
    const { kind, name, at: start, end } = tags[index];
    countText(start);
    if (kind === CLOSE && depth === 0) {
      levels[levels.length - 1].name = name;
      levels.push({ name: "", nodes: 0, text: 0 });
    } else {
      if (depth === 0) levels[levels.length - 1].nodes += 1;
      depth += kind;
    }
    at = end;
  }
  countText(source.length);
  const outside = levels.pop();
  return levels.length > 0 && depth === 0 && outside.nodes === 0 ? levels.reverse() : null;
}

const textLength = (html) => (html.includes("&") ? parse(html).textContent.length : html.length);

// The live elements that are open at the cut, from the block inwards.
function walkIn(element, levels) {
  const spine = [];
  let node = element;
  for (const [depth, level] of levels.entries()) {
    if (node?.localName !== level.name) return null;
    spine.push(node);
    if (depth < levels.length - 1) node = node.childNodes[node.childNodes.length - 1 - level.nodes];
  }
  const inner = spine[spine.length - 1];
  const { nodes, text } = levels[levels.length - 1];
  const kept = inner.childNodes[inner.childNodes.length - 1 - nodes];
  const fits = inner.childNodes.length >= nodes && (text === 0 || kept?.data?.length >= text);
  return fits ? spine : null;
}

// Parse html where the spine's elements are open; a comment marks the place so that no parser rule eats a newline.
function parseInside(spine, html) {
  const open = spine.map((element) => `<${element.localName}>`).join("");
  let node = parse(`${open}<!---->${html}`).firstChild;
  const grown = [];
  for (const [depth, element] of spine.entries()) {
    if (node?.localName !== element.localName) return null;
    if (depth === 0 && node.nextSibling) return null;
    const inner = node.firstChild;
    if (!inner) return null;
    grown.push([...node.childNodes].slice(1));
    node = inner;
  }
  return node?.nodeType === Node.COMMENT_NODE ? grown : null;
}

function withoutButtons(element) {
  const copy = element.cloneNode(true);
  copy.removeAttribute("data-ahead");
  for (const button of copy.querySelectorAll("[data-do]")) button.remove();
  return copy;
}

function commonLength(one, other) {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}
