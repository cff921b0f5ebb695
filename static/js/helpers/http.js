// Small requests to our own pages. Every failure is a value: { ok, status, code, message }.

export async function post(url, fields = {}) {
  const body = new URLSearchParams(fields);
  const headers = { "X-Requested-With": "fetch", "X-CSRFToken": token() };
  try {
    const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual" });
    if (answer.ok) return { ok: true, status: answer.status };
    const { code = "", message = "" } = await answer.json().catch(() => ({}));
    return { ok: false, status: answer.status, code, message };
  } catch {
    return { ok: false, status: 0, code: "offline", message: "" };
  }
}

// The HTML of a part of a page, or null. A redirect is the sign-in page, never the part.
export async function getPart(url, part, signal) {
  const address = new URL(url, location.href);
  address.searchParams.set("part", part);
  address.hash = "";
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" }, redirect: "error", signal });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
