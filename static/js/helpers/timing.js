// Waiting, in the few ways the page needs it.

export const pause = (delay) => new Promise((done) => setTimeout(done, delay));

// Call once, `delay` after the last request to call; `flush` does it now if one is due.
export function debounce(call, delay) {
  let timer = 0;
  const run = () => {
    timer = 0;
    call();
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(run, delay);
  };
  later.flush = () => {
    if (!timer) return;
    clearTimeout(timer);
    run();
  };
  later.cancel = () => {
    clearTimeout(timer);
    timer = 0;
  };
  return later;
}

// Call `tick` with whole seconds until told to stop: first now, then at each second that has passed.
export function everySecond(tick) {
  const begin = performance.now();
  const run = () => tick(Math.round((performance.now() - begin) / 1000));
  const timer = setInterval(run, 1000);
  run();
  return () => clearInterval(timer);
}
