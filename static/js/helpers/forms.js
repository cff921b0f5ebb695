// Send a form as it would send itself; { ok, html } with what the page shows next, { ok, facts } or { ok, message }.
export async function sendForm(form, submitter) {
  const headers = { "X-Requested-With": "fetch" };
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, submitter), headers, redirect: "manual" });
    if (answer.status === 201) return { ok: true, facts: await answer.json() };
    if (answer.ok) return { ok: true, html: await answer.text() };
    const { message = "" } = await answer.json().catch(() => ({}));
    return { ok: false, message };
  } catch {
    return { ok: false, message: "" };
  }
}
