// Whoever types goes first. A page that draws all the time lets each key wait for its turn at the screen, so while keys
// come, what an answer brings is drawn as a whole just after one of them.

const OVER = 500; // ms without a key after which nobody types
const BREATH = 20; // ms after a key: it is painted by then, and the next one is not there yet
const SHORTEST = 80; // ms from one drawing to the next
const LONGEST = 250; // ms that a drawing waits for a key; text may wait for 300

let field = null;
let pressed = -Infinity;
let drawn = -Infinity;
let due = null;
let timer = 0;

// Not in an empty field: what was in it has been sent.
export const isTyping = () => performance.now() - pressed < OVER && field.value !== "";

// Call at the next good moment, at once if nobody types. What is asked for while something waits takes its place.
export function betweenKeys(call) {
  due = call;
  if (!isTyping()) draw();
  else if (!timer) plan();
}

for (const name of ["keydown", "input"]) addEventListener(name, noted, true);

function noted({ target }) {
  if (!("value" in target)) return;
  field = target;
  pressed = performance.now();
  if (timer) plan();
}

function plan() {
  const now = performance.now();
  const last = drawn + LONGEST;
  const next = pressed + BREATH;
  const isGood = next > now && next >= drawn + SHORTEST && next <= last + BREATH;
  clearTimeout(timer);
  timer = setTimeout(draw, (isGood ? next : last) - now);
}

function draw() {
  clearTimeout(timer);
  timer = 0;
  drawn = performance.now();
  due();
}
