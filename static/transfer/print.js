// The page for the printer: its button, and formulas that are wider than a sheet made smaller. They cannot be broken.

const SHEET = 660; // CSS pixels between the margins of A4, 1.5 cm each, and a little less

for (const box of document.querySelectorAll(".math")) {
  if (box.scrollWidth > SHEET) box.style.setProperty("--fit", SHEET / box.scrollWidth);
}

document.querySelector("[data-print]").addEventListener("click", () => window.print());
