// Where storage is forbidden the page works on, without memory.

const nothing = { getItem: () => null, setItem: () => {}, removeItem: () => {} };

export const local = () => open("localStorage");

export const session = () => open("sessionStorage");

function open(name) {
  try {
    return globalThis[name];
  } catch {
    return nothing;
  }
}

// For what the server must know to be right in the first HTML.
export const keep = (name, value) => {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
};

export function readJson(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

// A full storage costs only the memory: nobody is kept from typing by it.
export function writeJson(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // see above
  }
}
