import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { connected, key, keyWanted, setKey } from "./api";
import { History } from "./history";
import { Live } from "./live";
import { Models } from "./models";
import { route } from "./route";
import { SessionPage } from "./session";
import { SystemPage } from "./system";
import { TryIt } from "./tryit";
import { Icon, type IconName, Notice } from "./ui";

const PAGES: { page: string; name: string; icon: IconName; show: () => preact.JSX.Element }[] = [
  { page: "live", name: "Live", icon: "live", show: () => <Live /> },
  { page: "history", name: "History", icon: "history", show: () => <History /> },
  { page: "try", name: "Try it", icon: "mic", show: () => <TryIt /> },
  { page: "models", name: "Models", icon: "models", show: () => <Models /> },
  { page: "system", name: "System", icon: "system", show: () => <SystemPage /> },
];

const THEMES = ["auto", "light", "dark"] as const;
const THEME = "linescribe.theme";
const theme = signal(THEMES.find((name) => name === localStorage.getItem(THEME)) ?? "auto");

function applyTheme() {
  document.documentElement.dataset["theme"] = theme.value;
}

function Console() {
  const { page } = route.value;
  const shown = PAGES.find((entry) => entry.page === page);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${shown?.name ?? (page === "session" ? "Session" : "Not found")} · LineScribe`;
    if (!first.current) {
      main.current?.focus();
      window.scrollTo(0, 0);
    }
    first.current = false;
  }, [page, route.value.id]);
  const locked = keyWanted.value !== "";
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the page
      </a>
      <header class="bar">
        <a class="brand" href="#/live">
          <Logo />
          LineScribe
        </a>
        <nav aria-label="Pages">
          {PAGES.map((entry) => (
            <a
              key={entry.page}
              href={`#/${entry.page}`}
              aria-current={entry.page === page || (page === "session" && entry.page === "history") ? "page" : undefined}
            >
              <Icon name={entry.icon} />
              <span>{entry.name}</span>
            </a>
          ))}
        </nav>
        <div class="bar-end">
          <a href="docs" title="API reference">
            <Icon name="book" />
            <span>API</span>
          </a>
          <Theme />
          {key.value && (
            <button type="button" class="bare" onClick={() => setKey("")} title="Forget the key">
              <Icon name="key" />
              <span>Forget the key</span>
            </button>
          )}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <div role="status" class="connection">
          {!connected.value && !locked && (
            <p>
              <Icon name="warn" /> The connection to the gateway is lost. Trying again …
            </p>
          )}
        </div>
        {locked ? (
          <KeyPrompt />
        ) : shown ? (
          <div key={key.value}>{shown.show()}</div>
        ) : page === "session" ? (
          <div key={key.value}>
            <SessionPage />
          </div>
        ) : (
          <Notice icon="search" title="There is no such page">
            <a class="button" href="#/live">
              Live sessions
            </a>
          </Notice>
        )}
      </main>
    </>
  );
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M6 13v6M11 9v14M16 12v8" />
      <path class="lines" d="M21 12h6M21 16.5h6M21 21h3.5" />
    </svg>
  );
}

function Theme() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "auto";
  const names = { auto: "as the system", light: "light", dark: "dark" };
  return (
    <button
      type="button"
      class="bare"
      title={`Colours: ${names[theme.value]}`}
      aria-label={`Colours: ${names[theme.value]}. Change to ${names[next]}`}
      onClick={() => {
        theme.value = next;
        localStorage.setItem(THEME, next);
        applyTheme();
      }}
    >
      <Icon name={theme.value === "auto" ? "auto" : theme.value === "light" ? "sun" : "moon"} />
    </button>
  );
}

function KeyPrompt() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="key-prompt"
      aria-labelledby="key-title"
      onSubmit={(event) => {
        event.preventDefault();
        setKey(input.current?.value.trim() ?? "");
      }}
    >
      <Icon name="key" />
      <h1 id="key-title">This gateway asks for a key</h1>
      <p class="muted">
        An API key with the scope <code>read</code>; <code>./linescribe keys new NAME</code> makes one. It is kept in this
        tab until you close it.
      </p>
      <label>
        <span>Key</span>
        <input ref={input} type="password" autocomplete="off" required aria-invalid={keyWanted.value === "unknown"} />
      </label>
      {keyWanted.value === "unknown" && (
        <p class="problem" role="alert">
          The gateway does not know this key.
        </p>
      )}
      <button type="submit" class="primary">
        Continue
      </button>
    </form>
  );
}

applyTheme();
const root = document.getElementById("console");
if (root) {
  render(<Console />, root);
}
