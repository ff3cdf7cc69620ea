package org.linescribe.api.insights;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.linescribe.api.analysis.AnalysisSteps;
import org.linescribe.insights.Insights;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.Transcript;
import org.linescribe.insights.Translation;
import org.linescribe.session.InsightsRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Derives what a session asks for from its stored transcript. The result's fields are those of a
 * file's.
 *
 * <p>Thread: any; blocks.
 */
record SessionAnalysis(Sessions sessions, Insights insights, JsonMapper json) {
  /** BCP 47's tag for an unknown language. */
  private static final String UNDETERMINED = "und";

  private static final int PAGE = 1000;

  ObjectNode derive(SessionRecord session) throws InterruptedException {
    List<Segment> segments = segments(session);
    Transcript transcript =
        new Transcript(
            segments.stream()
                .flatMap(segment -> segment.language().stream())
                .findFirst()
                .orElse(UNDETERMINED),
            segments.stream()
                .filter(segment -> !segment.text().isBlank())
                .map(s -> new Transcript.Line(s.text(), s.startMs(), s.endMs()))
                .toList(),
            session.startedAt());
    ObjectNode result =
        json.createObjectNode()
            .put("session_id", session.sessionId().value())
            .put("provider", insights.provider())
            .put(SessionInsights.LAST_SEQ, session.lastSeq());
    AnalysisSteps steps = new AnalysisSteps(json, result);
    InsightsRequest request = InsightsRequest.of(session.attributes());
    for (InsightsRequest.Kind kind : InsightsRequest.Kind.values()) {
      if (request.kinds().contains(kind)) {
        run(kind, steps, transcript);
      }
    }
    result.set("steps", steps.steps());
    return result;
  }

  private void run(InsightsRequest.Kind kind, AnalysisSteps steps, Transcript transcript)
      throws InterruptedException {
    switch (kind) {
      case TRANSLATION -> steps.run("translation", "translation", translation(transcript));
      case ENTITIES ->
          steps.run("entity_extraction", "entities", () -> insights.entities(transcript));
      case CLASSIFICATION ->
          steps.run("classification", "classification", () -> insights.classify(transcript));
      case QA -> steps.run("qa_evaluation", "qa_evaluations", () -> insights.evaluate(transcript));
      case SUMMARY -> steps.run("summarization", "summary", () -> insights.summarise(transcript));
    }
  }

  private Callable<Outcome<String>> translation(Transcript transcript) {
    return () ->
        switch (insights.translate(transcript, _ -> {})) {
          case Outcome.Done<Translation>(Translation translation) ->
              new Outcome.Done<>(translation.text());
          case Outcome.Skipped<Translation>(String reason) -> new Outcome.Skipped<>(reason);
        };
  }

  /** Up to the last that the record knows, so that the result tells what it was derived from. */
  private List<Segment> segments(SessionRecord session) {
    List<Segment> all = new ArrayList<>();
    List<Segment> page;
    do {
      long from = all.isEmpty() ? 1 : all.getLast().seq() + 1;
      page = sessions.segments(session.sessionId(), from, PAGE);
      page.stream().filter(segment -> segment.seq() <= session.lastSeq()).forEach(all::add);
    } while (page.size() == PAGE && all.getLast().seq() < session.lastSeq());
    return all;
  }
}
