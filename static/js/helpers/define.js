import { report } from "./report.js";

// Load and define custom elements, each by itself.
export function define(elements) {
  for (const [name, load] of Object.entries(elements)) {
    load()
      .then((module) => customElements.define(name, module.default))
      .catch(report);
  }
}
