import { report } from "./report.js";

// Load and define custom elements, each by itself. One that could not be fetched is tried again when the network is
// back: the connection may have gone between the page and what is loaded later. Resolves once all have been attempted.
export function define(elements) {
  return Promise.all(Object.entries(elements).map(([name, load]) => attempt(name, load)));
}

async function attempt(name, load) {
  try {
    const module = await load();
    customElements.define(name, module.default);
  } catch (error) {
    if (navigator.onLine) report(error);
    else addEventListener("online", () => attempt(name, load), { once: true });
  }
}
