import { all } from "../helpers/dom.js";
import { isOff, setOff } from "../models/shortcuts.js";

// The switches beside the keys.

export default class ShortcutList extends HTMLElement {
  connectedCallback() {
    for (const box of all("[data-shortcut]", this)) box.checked = !isOff(box.dataset.shortcut);
    this.onchange = ({ target }) => setOff(target.dataset.shortcut, !target.checked);
  }
}
