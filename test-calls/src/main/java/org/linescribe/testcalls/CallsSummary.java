package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Summary of many calls. */
public record CallsSummary(List<CallReport> calls) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  public CallsSummary {
    calls = List.copyOf(calls);
  }

  /** 0: every call has a complete transcript; 2: no call reached the peer; else 1. */
  public int exitStatus() {
    if (!calls.isEmpty()
        && calls.stream().allMatch(call -> call.outcome() == CallReport.Outcome.TRANSCRIBED)) {
      return 0;
    }
    return calls.stream().allMatch(call -> call.outcome() == CallReport.Outcome.UNREACHABLE)
        ? 2
        : 1;
  }

  public WordErrors wordErrors() {
    WordErrors sum = WordErrors.NONE;
    for (CallReport call : calls) {
      if (call.wordErrors() != null) {
        sum = sum.plus(call.wordErrors());
      }
    }
    return sum;
  }

  public Map<CallReport.Outcome, Integer> outcomes() {
    Map<CallReport.Outcome, Integer> outcomes = new EnumMap<>(CallReport.Outcome.class);
    calls.forEach(call -> outcomes.merge(call.outcome(), 1, Integer::sum));
    return outcomes;
  }

  public Percentiles firstPartialMs() {
    return Percentiles.of(
        calls.stream().flatMapToDouble(call -> call.firstPartialMs().stream()).toArray());
  }

  public Percentiles finalMs() {
    return percentiles(CallReport::finalMs);
  }

  /** Of finals whose speaker went on. */
  public Percentiles midSpeechMs() {
    return percentiles(CallReport::midSpeechMs);
  }

  /** Between the partials of an utterance, at the reader. */
  public Percentiles partialGapMs() {
    return percentiles(call -> call.partialGaps().gapsMs());
  }

  /** Finals that no partial announced. */
  public int finalsWithoutPartial() {
    return calls.stream().mapToInt(call -> call.partialGaps().finalsWithoutPartial()).sum();
  }

  private Percentiles percentiles(Function<CallReport, List<Double>> latencies) {
    return Percentiles.of(
        calls.stream()
            .flatMap(call -> latencies.apply(call).stream())
            .mapToDouble(ms -> ms)
            .toArray());
  }

  /** The summary as text. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (calls.size() > 1) {
      List<String> counts = new ArrayList<>();
      outcomes().forEach((outcome, count) -> counts.add(count + " " + words(outcome)));
      lines.add("calls          " + calls.size() + ": " + String.join(", ", counts));
    }
    WordErrors errors = wordErrors();
    if (errors.words() > 0) {
      lines.add(
          "words          %d said, %d wrong (%.1f %%): %d other, %d missing, %d too many"
              .formatted(
                  errors.words(),
                  errors.errors(),
                  100 * errors.rate(),
                  errors.substitutions(),
                  errors.deletions(),
                  errors.insertions()));
    }
    if (firstPartialMs().count() > 0) {
      lines.add("first text     " + firstPartialMs().line() + " after the first speech was sent");
    }
    if (partialGapMs().count() > 0) {
      lines.add(
          "partials       "
              + partialGapMs().line()
              + " between two of an utterance; finals without any: "
              + finalsWithoutPartial());
    }
    if (finalMs().count() > 0) {
      lines.add(
          "finals         "
              + finalMs().line()
              + " after the speech ended, the endpoint's silence included");
    }
    if (midSpeechMs().count() > 0) {
      lines.add(
          "               "
              + midSpeechMs().line()
              + " after their words, while the speaker went on");
    }
    int finals = calls.stream().mapToInt(call -> call.numbers().finals()).sum();
    int lost = calls.stream().mapToInt(call -> call.numbers().lost()).sum();
    int repeated = calls.stream().mapToInt(call -> call.numbers().repeated()).sum();
    int outOfOrder = calls.stream().mapToInt(call -> call.numbers().outOfOrder()).sum();
    if (calls.stream().anyMatch(call -> call.framesSent() > 0)) {
      lines.add(
          "numbers        %d %s; %d lost, %d repeated, %d out of order"
              .formatted(finals, finals == 1 ? "final" : "finals", lost, repeated, outOfOrder));
    }
    double gapMs = calls.stream().mapToDouble(CallReport::longestSendGapMs).max().orElse(0);
    if (gapMs > 60) {
      lines.add(
          "warning        this machine sent up to %.0f ms late: the latencies are unreliable"
              .formatted(gapMs - 20));
    }
    return lines;
  }

  private static String words(CallReport.Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** The full report as JSON, including the transcripts. */
  public String json() {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (CallReport call : calls) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("file", call.file());
      one.put("session_id", call.sessionId());
      one.put("outcome", call.outcome().name().toLowerCase(Locale.ROOT));
      one.put("text", call.text());
      one.put("words", call.wordErrors() == null ? null : words(call.wordErrors()));
      one.put(
          "first_partial_ms",
          call.firstPartialMs().isPresent() ? round(call.firstPartialMs().getAsDouble()) : null);
      one.put("final_ms", call.finalMs().stream().map(CallsSummary::round).toList());
      one.put("mid_speech_ms", call.midSpeechMs().stream().map(CallsSummary::round).toList());
      one.put(
          "partial_gap_ms", call.partialGaps().gapsMs().stream().map(CallsSummary::round).toList());
      one.put("numbers", numbers(call.numbers()));
      one.put("frames_sent", call.framesSent());
      one.put("frames_late", call.framesLate());
      one.put("packets_received", call.packetsReceived());
      one.put("longest_send_gap_ms", round(call.longestSendGapMs()));
      one.put("reconnects", call.reconnects());
      one.put("failure", call.failure());
      all.add(one);
    }
    Map<String, Object> whole = new LinkedHashMap<>();
    Map<String, Object> summary = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    outcomes()
        .forEach((outcome, count) -> counts.put(outcome.name().toLowerCase(Locale.ROOT), count));
    summary.put("outcomes", counts);
    summary.put("words", words(wordErrors()));
    summary.put("first_partial_ms", firstPartialMs().fields());
    summary.put("final_ms", finalMs().fields());
    summary.put("mid_speech_ms", midSpeechMs().fields());
    summary.put("partial_gap_ms", partialGapMs().fields());
    summary.put("finals_without_partial", finalsWithoutPartial());
    whole.put("summary", summary);
    whole.put("calls", all);
    return JSON.writeValueAsString(whole) + "\n";
  }

  private static Map<String, Object> words(WordErrors errors) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("said", errors.words());
    fields.put("substitutions", errors.substitutions());
    fields.put("deletions", errors.deletions());
    fields.put("insertions", errors.insertions());
    fields.put("rate", Math.round(errors.rate() * 1e4) / 1e4);
    return fields;
  }

  private static Map<String, Object> numbers(SequenceCheck numbers) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("finals", numbers.finals());
    fields.put("first", numbers.first());
    fields.put("last", numbers.last());
    fields.put("lost", numbers.lost());
    fields.put("repeated", numbers.repeated());
    fields.put("out_of_order", numbers.outOfOrder());
    return fields;
  }

  private static double round(double ms) {
    return Math.round(ms * 10) / 10.0;
  }
}
