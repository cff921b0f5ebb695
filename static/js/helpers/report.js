// An error in a script is told to the server, once per place: where it happened, nothing of what was written.

const MOST = 5; // per page; the first ones say what is wrong
const told = new Set();

export function report(error, file = "", line = 0) {
  const place = file ? `${file}:${line}` : firstFrame(error);
  if (told.has(place) || told.size >= MOST) return;
  told.add(place);
  const fields = { path: location.pathname, message: `${error?.name ?? ""} ${place}`, line };
  navigator.sendBeacon?.("/report", new URLSearchParams(fields));
  console.warn(error);
}

export function watchErrors() {
  addEventListener("error", ({ error, filename, lineno }) => error && report(error, filename, lineno)); // a late ResizeObserver is none
  addEventListener("unhandledrejection", (event) => {
    report(event.reason);
    event.preventDefault();
  });
}

const firstFrame = (error) => /https?:[^\s)]+/.exec(error?.stack ?? "")?.[0] ?? "";
