import { signal } from "@preact/signals";

const KEY = "linescribe.key";

/** The API key that the user gave; kept for this tab only. */
export const key = signal(sessionStorage.getItem(KEY) ?? "");

/** Whether the gateway wants a key that it has not got; the prompt shows. */
export const keyWanted = signal<"" | "none" | "unknown">("");

/** Whether the last request reached the gateway. */
export const connected = signal(true);

/** Server's clock minus this machine's, in milliseconds. */
export const clockSkewMs = signal(0);

export function setKey(text: string) {
  if (text) {
    sessionStorage.setItem(KEY, text);
  } else {
    sessionStorage.removeItem(KEY);
  }
  key.value = text;
  keyWanted.value = "";
}

/** A refusal by the gateway, with its words; status 0 where it was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (key.value) {
    headers.set("Authorization", `Bearer ${key.value}`);
  }
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: "no-store" });
  } catch (failure) {
    if (init.signal?.aborted) {
      throw failure;
    }
    connected.value = false;
    throw new ApiError(0, "The gateway does not answer.");
  }
  connected.value = true;
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(date) && Math.abs(date - Date.now() - clockSkewMs.value) > 1500) {
    clockSkewMs.value = date - Date.now();
  }
  if (!response.ok) {
    if (response.status === 401) {
      keyWanted.value = key.value ? "unknown" : "none";
    }
    throw new ApiError(response.status, await refusal(response));
  }
  return response;
}

async function refusal(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { error?: unknown };
    if (typeof body.error === "string") {
      return body.error;
    }
  } catch {
    // A proxy's page, not ours: the status says what there is to say.
  }
  return `The gateway answered with status ${response.status}.`;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request(path, signal ? { signal } : {})).json() as Promise<T>;
}

/** The address of what the browser itself loads. It takes no headers for that: the key goes into the address. */
export function resourceUrl(path: string): string {
  return withKey(path).href;
}

/** The address of a WebSocket of this gateway, with the key as in {@link resourceUrl}. */
export function socketUrl(path: string, parameters: Record<string, string>): string {
  const url = withKey(path);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, value);
  }
  return url.href;
}

function withKey(path: string): URL {
  const url = new URL(path, document.baseURI);
  url.hash = "";
  if (key.value) {
    url.searchParams.set("access_token", key.value);
  }
  return url;
}

export function sessionPath(id: string): string {
  return `sessions/${encodeURIComponent(id)}`;
}
