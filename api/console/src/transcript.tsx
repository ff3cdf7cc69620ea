import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Mark, Partial, Segment } from "./types";
import { duration, percent } from "./format";

/** Text of an open utterance: what will stay, and what may still change. */
export interface Hypothesis extends Partial {
  stable: number;
}

/**
 * The stable part where the recogniser tells it; else the words that the last two hypotheses share, which is what a
 * reader sees stand still.
 */
export function hypothesis(partial: Partial, before: Hypothesis | undefined): Hypothesis {
  if (partial.stable_chars !== undefined) {
    return { ...partial, stable: partial.stable_chars };
  }
  if (!before || before.seq !== partial.seq) {
    return { ...partial, stable: 0 };
  }
  let shared = 0;
  const most = Math.min(before.text.length, partial.text.length);
  while (shared < most && before.text[shared] === partial.text[shared]) {
    shared++;
  }
  if (shared < partial.text.length) {
    shared = partial.text.lastIndexOf(" ", shared - 1) + 1;
  }
  return { ...partial, stable: shared };
}

export function OpenText({ open }: { open: Hypothesis }) {
  return (
    <>
      <span class="stable">{open.text.slice(0, open.stable)}</span>
      <span class="unstable">{open.text.slice(open.stable)}</span>
    </>
  );
}

/** The segments that are heard now, and the time. */
export interface Current {
  seqs: number[];
  ms: number;
}

interface Word {
  text: string;
  startMs: number;
  endMs: number;
}

/**
 * A segment's words with their times, as the gateway's SpokenWord makes them; none where the tokens do not make up the
 * text, or have no times of their own.
 */
function spokenWords(segment: Segment): Word[] {
  const words: Word[] = [];
  for (const token of segment.tokens ?? []) {
    const last = words.at(-1);
    if (!last || token.text.startsWith(" ")) {
      words.push({ text: token.text, startMs: token.start_ms, endMs: segment.end_ms });
    } else {
      last.text += token.text;
    }
  }
  const said = words.map((word) => ({ ...word, text: word.text.trim() })).filter((word) => word.text);
  said.forEach((word, at) => (word.endMs = said[at + 1]?.startMs ?? word.endMs));
  const timed = said.length < 2 || (said[0]?.startMs ?? 0) < (said.at(-1)?.startMs ?? 0);
  return timed && said.map((word) => word.text).join(" ") === segment.text ? said : [];
}

const LEG_COLOURS = 6;

export function legClass(legs: string[], leg: string): string {
  return `leg-${Math.max(0, legs.indexOf(leg)) % LEG_COLOURS}`;
}

const NO_MARKS: Mark[] = [];

/** Rows of one block: blocks outside the view are empty boxes of the same height. */
const BLOCK = 40;
const ROW_HEIGHT_PX = 44;

/**
 * A transcript of any length: only the blocks near the view are in the document. The search's words are marked as
 * elements, never as markup.
 */
export function Transcript({
  segments,
  open,
  legs,
  marks = NO_MARKS,
  follow,
  words,
  onPlay,
  current,
}: {
  segments: Segment[];
  open: Hypothesis[];
  legs: string[];
  /** Shown before the first segment that begins later. */
  marks?: Mark[];
  follow: boolean;
  words: string;
  /** Plays from a time; undefined where there is nothing to play. */
  onPlay: ((ms: number) => void) | undefined;
  current: Current | undefined;
}) {
  const end = useRef<HTMLDivElement>(null);
  const last = segments.at(-1)?.seq ?? 0;
  const spoken = open.map((partial) => partial.text).join("\n");
  useLayoutEffect(() => {
    if (follow) {
      end.current?.scrollIntoView({ block: "end" });
    }
  }, [follow, last, spoken]);
  const blocks: Segment[][] = [];
  for (let at = 0; at < segments.length; at += BLOCK) {
    blocks.push(segments.slice(at, at + BLOCK));
  }
  const startsMs = (at: number) => (at === 0 ? -Infinity : (blocks[at]?.[0]?.start_ms ?? Infinity));
  return (
    <div class="transcript">
      {blocks.length === 0 && marks.map((mark) => <MarkRow key={mark.at_ms} mark={mark} />)}
      {blocks.map((block, at) => (
        <Block
          key={at}
          segments={block}
          marks={marks.filter((mark) => mark.at_ms >= startsMs(at) && mark.at_ms < startsMs(at + 1))}
          legs={legs}
          words={words}
          pinned={at === blocks.length - 1}
          onPlay={onPlay}
          current={current}
        />
      ))}
      {open.map((partial) => (
        <div key={partial.leg} class={`row open ${legClass(legs, partial.leg)}`}>
          <span class="at">{duration(partial.start_ms)}</span>
          <span class="who">{partial.leg}</span>
          <span class="text">
            <OpenText open={partial} />
          </span>
        </div>
      ))}
      <div ref={end} class="end" />
    </div>
  );
}

function MarkRow({ mark }: { mark: Mark }) {
  return (
    <div class="row mark-row">
      <span class="at">{duration(mark.at_ms)}</span>
      <span class="who">Mark</span>
      <span class="text">{mark.text || "Marked"}</span>
    </div>
  );
}

interface BlockProps {
  segments: Segment[];
  marks: Mark[];
  legs: string[];
  words: string;
  pinned: boolean;
  /** Plays from a time; undefined where there is nothing to play. */
  onPlay: ((ms: number) => void) | undefined;
  current: Current | undefined;
}

function Block({ segments, marks, legs, words, pinned, onPlay, current }: BlockProps) {
  const box = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(pinned);
  const [heightPx, setHeightPx] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) {
      return undefined;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1);
        if (entry) {
          if (!entry.isIntersecting) {
            setHeightPx(entry.boundingClientRect.height);
          }
          setNear(entry.isIntersecting);
        }
      },
      { rootMargin: "1200px 0px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const shown = near || pinned;
  return (
    <div
      ref={box}
      class="block"
      style={shown ? {} : { height: `${heightPx || segments.length * ROW_HEIGHT_PX}px` }}
    >
      {shown &&
        segments.map((segment, at) => (
          <Fragment key={segment.seq}>
            {marks
              .filter((mark) => mark.at_ms < segment.start_ms && (at === 0 || mark.at_ms >= (segments[at - 1]?.start_ms ?? 0)))
              .map((mark) => (
                <MarkRow key={mark.at_ms} mark={mark} />
              ))}
            <Row
              segment={segment}
              legs={legs}
              words={words}
              onPlay={onPlay}
              wordMs={current?.seqs.includes(segment.seq) ? current.ms : undefined}
            />
          </Fragment>
        ))}
      {shown && marks.filter((mark) => mark.at_ms >= (segments.at(-1)?.start_ms ?? 0)).map((mark) => <MarkRow key={mark.at_ms} mark={mark} />)}
    </div>
  );
}

/** Below it a reader should listen again. */
const DOUBTFUL = 0.5;

function Row({
  segment,
  legs,
  words,
  onPlay,
  wordMs,
}: {
  segment: Segment;
  legs: string[];
  words: string;
  onPlay: ((ms: number) => void) | undefined;
  /** The time that is played, where it is this segment's. */
  wordMs: number | undefined;
}) {
  const doubtful = segment.confidence !== undefined && segment.confidence < DOUBTFUL;
  const at = duration(segment.start_ms);
  const spoken = useMemo(() => (onPlay ? spokenWords(segment) : []), [segment, onPlay === undefined]);
  return (
    <div class={`row ${legClass(legs, segment.leg)} ${wordMs === undefined ? "" : "current"}`} data-seq={segment.seq}>
      {onPlay ? (
        <button type="button" class="at bare" onClick={() => onPlay(segment.start_ms)} aria-label={`Play from ${at}`}>
          {at}
        </button>
      ) : (
        <span class="at">{at}</span>
      )}
      <span class="who" title={segment.participant?.aor}>
        {segment.participant?.name || segment.leg}
      </span>
      <span class={doubtful ? "text doubtful" : "text"} title={doubtful ? "The recogniser is not sure of this" : undefined}>
        {spoken.length > 0 && onPlay ? (
          <PlayableWords spoken={spoken} from={at} words={words} onPlay={onPlay} wordMs={wordMs} />
        ) : (
          <Marked text={segment.text} words={words} />
        )}
      </span>
      {segment.confidence !== undefined && (
        <span class="confidence" title="Confidence">
          <span class="hidden">Confidence </span>
          {percent(segment.confidence)}
        </span>
      )}
    </div>
  );
}

/**
 * The words of a row as buttons that play from there. One of them is a stop of the Tab key, so that a long transcript
 * has a stop for each row and not for each word; the arrow keys, Home and End go to the others.
 */
function PlayableWords({
  spoken,
  from,
  words,
  onPlay,
  wordMs,
}: {
  spoken: Word[];
  /** When the row begins, as it is shown. */
  from: string;
  words: string;
  onPlay: (ms: number) => void;
  wordMs: number | undefined;
}) {
  const group = useRef<HTMLSpanElement>(null);
  const [stop, setStop] = useState(0);
  const pressed = (event: KeyboardEvent, at: number) => {
    const word = spoken[at];
    if (event.ctrlKey || event.altKey || event.metaKey || !word) {
      return;
    }
    if (event.key === "Enter" || event.key === " ") {
      onPlay(word.startMs);
    } else {
      const last = spoken.length - 1;
      const places: Record<string, number> = { ArrowLeft: Math.max(0, at - 1), ArrowRight: Math.min(last, at + 1), Home: 0, End: last };
      const next = places[event.key];
      if (next === undefined) {
        return;
      }
      setStop(next);
      group.current?.querySelectorAll<HTMLElement>(".word")[next]?.focus();
    }
    event.preventDefault();
  };
  return (
    <span ref={group} role="group" aria-label={`Words from ${from}: arrow keys choose one, Enter plays it`}>
      {spoken.map((word, at) => (
        <Fragment key={at}>
          {at > 0 && " "}
          <span
            role="button"
            tabIndex={at === Math.min(stop, spoken.length - 1) ? 0 : -1}
            class={wordMs === undefined || wordMs < word.startMs || wordMs >= word.endMs ? "word" : "word current"}
            onFocus={() => setStop(at)}
            onClick={() => onPlay(word.startMs)}
            onKeyDown={(event) => pressed(event, at)}
          >
            <Marked text={word.text} words={words} />
          </span>
        </Fragment>
      ))}
    </span>
  );
}

/** The words that are sought, each wherever it is. */
export function Marked({ text, words }: { text: string; words: string }) {
  const sought = soughtWords(words);
  const lower = text.toLowerCase();
  // A letter whose lower case has another length would shift the marks.
  if (sought.length === 0 || lower.length !== text.length) {
    return <>{text}</>;
  }
  const parts = [];
  let from = 0;
  for (;;) {
    let at = -1;
    let length = 0;
    for (const word of sought) {
      const found = lower.indexOf(word, from);
      if (found >= 0 && (at < 0 || found < at || (found === at && word.length > length))) {
        at = found;
        length = word.length;
      }
    }
    if (at < 0) {
      break;
    }
    parts.push(text.slice(from, at), <mark>{text.slice(at, at + length)}</mark>);
    from = at + length;
  }
  parts.push(text.slice(from));
  return <>{parts}</>;
}

export function soughtWords(words: string): string[] {
  return words.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Whether a text has all the words, or parts of words. */
export function hasWords(text: string, words: string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}
