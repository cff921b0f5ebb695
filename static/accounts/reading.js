// What is chosen here shows at once and is saved by itself. Without this script the button does both.

const form = document.querySelector("[data-saves-itself]");
const note = form.querySelector("[data-text-saved]");

form.addEventListener("change", ({ target }) => {
  if (target.name === "language") return form.requestSubmit(); // every word of the page changes
  const { root, usual } = target.dataset;
  if (root && target.value !== usual) document.documentElement.dataset[root] = target.value;
  else if (root) delete document.documentElement.dataset[root];
  save();
});

async function save() {
  note.textContent = "";
  const asked = { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } };
  const { ok } = await fetch(form.action, asked).catch(() => ({ ok: false }));
  note.textContent = ok ? note.dataset.textSaved : note.dataset.textNotSaved;
}
