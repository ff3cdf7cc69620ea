package org.linescribe.api.files;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.linescribe.api.analysis.AnalysisSteps;
import org.linescribe.insights.Insights;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.Transcript;
import org.linescribe.insights.Translation;
import org.linescribe.session.Segment;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The steps of one file and their result.
 *
 * <p>Thread: the worker's.
 */
final class FileWork {
  /** BCP 47's tag for an unknown language. */
  private static final String UNDETERMINED = "und";

  private final FileTask task;
  private final TaskLogbook logbook;
  private final Insights insights;
  private final ObjectNode result;
  private final AnalysisSteps steps;

  FileWork(FileTask task, TaskLogbook logbook, Insights insights, JsonMapper json) {
    this.task = task;
    this.logbook = logbook;
    this.insights = insights;
    this.result = json.createObjectNode();
    this.steps = new AnalysisSteps(json, result);
  }

  /** Receives the progress of the transcription. */
  Transcription.Progress progress() {
    return new Transcription.Progress() {
      @Override
      public void on(double done) {
        logbook.progress(Step.TRANSCRIPTION, done);
      }

      @Override
      public void onSegment(Segment segment, double done) {
        logbook.transcribed(segment.text(), done);
        logbook.progress(Step.TRANSCRIPTION, done);
      }
    };
  }

  ObjectNode run(Transcription transcription) throws FileFailedException, InterruptedException {
    logbook.step(Step.TRANSCRIPTION);
    Transcription.Result transcribed = transcription.run();
    List<Transcript.Line> lines = new ArrayList<>();
    for (Segment segment : transcribed.segments()) {
      lines.add(new Transcript.Line(segment.text(), segment.startMs(), segment.endMs()));
    }
    Transcript transcript = new Transcript(language(transcribed), lines, task.submittedAt());
    result.put("transcription", transcript.text());
    steps.done(Step.TRANSCRIPTION.word());
    translate(transcript);
    insight(Step.ENTITY_EXTRACTION, "entities", () -> insights.entities(transcript));
    insight(Step.CLASSIFICATION, "classification", () -> insights.classify(transcript));
    insight(Step.QA_EVALUATION, "qa_evaluations", () -> insights.evaluate(transcript));
    insight(Step.SUMMARIZATION, "summary", () -> insights.summarise(transcript));
    segments(transcribed);
    result.set("steps", steps.steps());
    return result;
  }

  private String language(Transcription.Result transcribed) {
    return transcribed
        .language()
        .or(
            () ->
                transcribed.segments().stream()
                    .flatMap(segment -> segment.language().stream())
                    .findFirst())
        .orElse(UNDETERMINED);
  }

  private void translate(Transcript transcript) throws InterruptedException {
    if (!task.upload().translation()) {
      skip(Step.TRANSLATION, "translation", "not asked for");
      return;
    }
    step(
        Step.TRANSLATION,
        "translation",
        () ->
            switch (insights.translate(
                transcript,
                chunk -> {
                  double part = chunk.index() / (double) chunk.total();
                  logbook.translated(chunk.text(), chunk.cumulative(), part);
                  logbook.progress(Step.TRANSLATION, part);
                })) {
              case Outcome.Done<Translation>(Translation translation) ->
                  new Outcome.Done<>(translation.text());
              case Outcome.Skipped<Translation>(String reason) ->
                  new Outcome.Skipped<String>(reason);
            });
  }

  private <T> void insight(Step step, String field, Callable<Outcome<T>> work)
      throws InterruptedException {
    if (task.upload().insights()) {
      step(step, field, work);
    } else {
      skip(step, field, "not asked for");
    }
  }

  private <T> void step(Step step, String field, Callable<Outcome<T>> work)
      throws InterruptedException {
    logbook.step(step);
    steps.run(step.word(), field, work).ifPresent(reason -> logbook.skipped(step, reason));
  }

  private void skip(Step step, String field, String reason) {
    steps.skip(step.word(), field, reason);
    logbook.skipped(step, reason);
  }

  private void segments(Transcription.Result transcribed) {
    result.put("session_id", task.taskId().value());
    result.put("audio_seconds", Math.round(transcribed.seconds() * 1000) / 1000.0);
    ArrayNode segments = result.putArray("segments");
    for (Segment segment : transcribed.segments()) {
      ObjectNode body =
          segments
              .addObject()
              .put("seq", segment.seq())
              .put("start_ms", segment.startMs())
              .put("end_ms", segment.endMs())
              .put("text", segment.text());
      segment.language().ifPresent(language -> body.put("language", language));
    }
    if (!transcribed.warnings().isEmpty()) {
      ArrayNode warnings = result.putArray("warnings");
      transcribed.warnings().forEach(warnings::add);
    }
  }
}
