import { useMemo } from "preact/hooks";
import type { Call, Sample } from "./call";
import { duration } from "./format";
import { legClass } from "./transcript";

const WIDTH = 1000;
const HEIGHT = 60;
const WORST_MOS = 1;
const BEST_MOS = 4.5;
/** Losses above it are drawn as it: words are missing long before. */
const MOST_LOSS = 25;

/** The quality of a call's legs over time: MOS as a line, loss as bars from below. */
export function QualityPlot({ call, startedAt, legs }: { call: Call; startedAt: string; legs: string[] }) {
  const offsetMs = Date.parse(call.started_at) - Date.parse(startedAt);
  const drawn = useMemo(
    () => call.legs.filter((leg) => (leg.samples?.length ?? 0) > 1).map((leg) => ({ leg: leg.leg, samples: leg.samples ?? [] })),
    [call],
  );
  const endMs = Math.max(1, ...drawn.flatMap((leg) => leg.samples.map((sample) => sample.at_ms)));
  if (drawn.length === 0) {
    return null;
  }
  return (
    <section class="plot" aria-label="Quality over time">
      {drawn.map(({ leg, samples }) => (
        <figure key={leg} class={legClass(legs, leg)}>
          <figcaption>
            {call.legs.length > 1 && <span class="who">{leg}</span>} <span class="muted">{summary(samples, offsetMs)}</span>
          </figcaption>
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${leg}: ${summary(samples, offsetMs)}`}>
            <path class="loss" d={bars(samples, endMs)} />
            <path class="mos" d={line(samples, endMs)} />
          </svg>
          <div class="scale muted" aria-hidden="true">
            <span>{duration(Math.max(0, offsetMs))}</span>
            <span>line: MOS {WORST_MOS} to {BEST_MOS}, bars: loss to {MOST_LOSS} %</span>
            <span>{duration(endMs + offsetMs)}</span>
          </div>
        </figure>
      ))}
    </section>
  );
}

/** What the picture says, in words. */
function summary(samples: Sample[], offsetMs: number): string {
  const worst = samples.reduce((before, sample) => (sample.mos < before.mos ? sample : before));
  const lossiest = samples.reduce((before, sample) => (sample.loss_percent > before.loss_percent ? sample : before));
  const at = (sample: Sample) => `at ${duration(sample.at_ms + offsetMs)}`;
  return (
    `lowest MOS ${worst.mos.toFixed(1)} ${at(worst)}` +
    (lossiest.loss_percent > 0 ? `, highest loss ${lossiest.loss_percent.toFixed(1)} % ${at(lossiest)}` : ", no loss")
  );
}

function line(samples: Sample[], endMs: number): string {
  return samples
    .map((sample, at) => {
      const x = (sample.at_ms * WIDTH) / endMs;
      const y = HEIGHT - ((sample.mos - WORST_MOS) * HEIGHT) / (BEST_MOS - WORST_MOS);
      return `${at === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

function bars(samples: Sample[], endMs: number): string {
  return samples
    .map((sample, at) => {
      const from = ((samples[at - 1]?.at_ms ?? 0) * WIDTH) / endMs;
      const to = (sample.at_ms * WIDTH) / endMs;
      const height = (Math.min(MOST_LOSS, sample.loss_percent) * HEIGHT) / MOST_LOSS;
      return height > 0 ? `M${from.toFixed(1)} ${HEIGHT}V${(HEIGHT - height).toFixed(1)}H${to.toFixed(1)}V${HEIGHT}Z` : "";
    })
    .join("");
}
