// Small requests to our own pages. Every failure is a value: { ok, status, code, message }.

const OUTLIVES = 8192; // bytes; a browser lets 64 KiB of all requests under way outlive their page

// What is asked here is carried out even if its page is left at once.
export async function post(url, fields = {}) {
  const body = new URLSearchParams(fields);
  const headers = { "X-Requested-With": "fetch", "X-CSRFToken": token() };
  try {
    const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual", keepalive: String(body).length < OUTLIVES });
    if (answer.status === 201) return { ok: true, status: 201, facts: await answer.json() };
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

// Send a file as it is; XMLHttpRequest, because fetch cannot say how far an upload is.
export function upload(url, file, { name, progress }) {
  const request = new XMLHttpRequest();
  const answer = new Promise((done) => {
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("X-Requested-With", "fetch");
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("X-File-Name", encodeURIComponent(name));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => done(answerOf(request));
    request.onerror = () => done({ ok: false, status: 0, code: "offline", message: "" });
    request.onabort = () => done(null);
    request.send(file);
  });
  return { answer, cancel: () => request.abort() };
}

function answerOf({ status, response }) {
  if (status === 201 && response?.id) return { ok: true, status, facts: response };
  return { ok: false, status, code: response?.code ?? "", message: response?.message ?? "" };
}
