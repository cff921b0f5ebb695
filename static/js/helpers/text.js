// Words come from the server (#words in the page); this fills in their numbers. No sentence lives in a script.

export const word = (key, values = {}) => fill(source(key), values);

// Plural forms stand side by side as data-text-KEY-one, data-text-KEY-other, …
export function plural(key, count, values = {}) {
  const form = new Intl.PluralRules(language()).select(count);
  return fill(source(`${key}-${form}`) || source(`${key}-other`), { count: number(count), ...values });
}

export const number = (value) => new Intl.NumberFormat(language()).format(value);

export const language = () => document.documentElement.lang || undefined;

// How many words a reader would count; Chinese has no blanks to split at.
export function countWords(text) {
  if (!Intl.Segmenter) return text.split(/\s+/).filter(Boolean).length;
  let count = 0;
  for (const part of new Intl.Segmenter(language(), { granularity: "word" }).segment(text)) count += part.isWordLike ? 1 : 0;
  return count;
}

// crypto.randomUUID is missing on plain http away from localhost, where people do try a self-hosted site first.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const source = (key) => document.getElementById("words")?.getAttribute(`data-text-${key}`) ?? "";

// With a stop at its end, which a voice needs where a heading stands before a sentence.
export const sentence = (text) => (/[.!?\u2026\u3002\uff01\uff1f]$/.test(text) ? text : `${text}${/[\u3040-\u9fff]$/.test(text) ? "\u3002" : "."}`);
