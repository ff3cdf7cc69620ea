import { signal } from "@preact/signals";

/** Pages are named by the address's fragment, so that the gateway serves one page and a link leads to each. */
export interface Route {
  page: string;
  id: string;
  query: URLSearchParams;
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [page = "", ...rest] = path.split("/");
  let id = rest.join("/");
  try {
    id = decodeURIComponent(id);
  } catch {
    // As it stands.
  }
  return { page: page || "live", id, query: new URLSearchParams(query) };
}

export const route = signal(read());

window.addEventListener("hashchange", () => {
  route.value = read();
});

export function sessionHref(id: string): string {
  return `#/session/${encodeURIComponent(id)}`;
}
