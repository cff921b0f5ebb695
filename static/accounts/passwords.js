// A password can be looked at while it is typed; it is sent as a password, so that browsers keep it as one.

for (const button of document.querySelectorAll("[data-do=show-password]")) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    button.ariaPressed = isShown;
  };
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false));
}
