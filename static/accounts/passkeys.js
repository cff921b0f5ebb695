// Passkeys: allauth's scripts talk to the browser, this one to the person. No module: it must listen before they act.

(() => {
  const problem = document.querySelector("[data-passkey-problem]");
  const button = document.getElementById("passkey_login");
  if (button) button.hidden = !("PublicKeyCredential" in window);
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (!problem) return;
    problem.textContent = problem.dataset.passkeyProblem;
    problem.hidden = false;
  });
})();
