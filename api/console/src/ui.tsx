import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api";

const PATHS = {
  live: "M4 12h3l3-8 4 16 3-8h3",
  history: "M12 7v5l3 2M3.5 12a8.5 8.5 0 1 0 2.6-6.1M3 4v4h4",
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
  models: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  system: "M4 6h10M18 6h2M4 12h2M10 12h10M4 18h10M18 18h2M14 4v4M6 10v4M14 16v4",
  phone: "M5 4h4l1.5 5L8 11a12 12 0 0 0 5 5l2-2.5 5 1.5v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z",
  plug: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  back: "M15 5l-7 7 7 7",
  down: "M12 4v11M7 11l5 5 5-5M5 20h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  book: "M5 4h6a2 2 0 0 1 2 2v14a2 2 0 0 0-2-2H5zM21 4h-6a2 2 0 0 0-2 2v14a2 2 0 0 1 2-2h6z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  auto: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18z",
  key: "M14 10a4 4 0 1 0-3.5 4L13 14h2v2h2v2h3v-3l-6.3-5z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  stop: "M7 7h10v10H7z",
  check: "M5 12l5 5 9-10",
  pause: "M8 5v14M16 5v14",
  play: "M7 4l13 8-13 8z",
  record: "M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z",
  hangup: "M3 15c0-6 18-6 18 0l-1 2-4-1v-3c-3-1-5-1-8 0v3l-4 1z",
  flag: "M6 21V4h11l-2 4 2 4H6",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.5",
  gone: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11l4 5M14 11l-4 5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Badge({ tone, children }: { tone: "live" | "quiet" | "good" | "warn" | "bad"; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      {tone === "live" && <span class="pulse" aria-hidden="true" />}
      {children}
    </span>
  );
}

/** What a page shows instead of a list: nothing there, or what went wrong. */
export function Notice({
  icon,
  title,
  children,
  tone = "quiet",
}: {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  tone?: "quiet" | "bad";
}) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Failure({ failure, again }: { failure: unknown; again: () => void }) {
  const refused = failure instanceof ApiError && failure.status === 403;
  return (
    <Notice icon="warn" title={refused ? "This key may not see that" : "That did not work"} tone="bad">
      <p>{failure instanceof Error ? failure.message : String(failure)}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </Notice>
  );
}

/** What a list that could be read before shows above it while it cannot be read again; a lost connection shows on top of every page. */
export function Stale({ failure }: { failure: unknown }) {
  if (failure instanceof ApiError && failure.status === 0) {
    return null;
  }
  return (
    <p class="problem" role="alert">
      {failure instanceof Error ? failure.message : String(failure)} What is shown may be old.
    </p>
  );
}

const YES = "yes";

/** Tells or asks something. Escape and a click beside it close it, as its first button does, which has the focus: that means no where it asks. */
export function Dialog({
  title,
  action,
  children,
  onClose,
}: {
  title: string;
  /** What cannot be taken back, where it asks. */
  action?: string;
  children: ComponentChildren;
  onClose: (confirmed: boolean) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={(event) => onClose(event.currentTarget.returnValue === YES)}
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div class="confirm">
        <h2>{title}</h2>
        {children}
        <div class="confirm-actions">
          <button type="button" autofocus onClick={() => dialog.current?.close()}>
            {action ? "Cancel" : "Close"}
          </button>
          {action && (
            <button type="button" class="danger" onClick={() => dialog.current?.close(YES)}>
              {action}
            </button>
          )}
        </div>
      </div>
    </dialog>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      Loading {what} …
    </div>
  );
}

/** The time, again and again. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Calls a function now and after each pause while the page is mounted; hidden tabs pause. */
export function usePolling(work: (signal: AbortSignal) => Promise<void>, everyMs: number, again: unknown[]) {
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") {
        try {
          await work(abort.signal);
        } catch {
          // The page shows what failed; the next round may be better.
        }
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(run, everyMs);
      }
    };
    const wake = () => {
      if (document.visibilityState === "visible") {
        void run();
      }
    };
    document.addEventListener("visibilitychange", wake);
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wake);
    };
  }, again);
}

export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" class="bare" onClick={copy} aria-label={label} title={label}>
      <Icon name={done ? "check" : "copy"} />
    </button>
  );
}
