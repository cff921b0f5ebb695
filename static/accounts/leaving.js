// Signing out from a page that has no composer: no draft stays in this browser for whoever sits here next.

for (const form of document.querySelectorAll("[data-logout]")) {
  form.addEventListener("submit", () => {
    const drafts = Object.keys(localStorage).filter((key) => key.startsWith("draft:"));
    for (const key of drafts) localStorage.removeItem(key);
  });
}
