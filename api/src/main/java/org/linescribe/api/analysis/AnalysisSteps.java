package org.linescribe.api.analysis;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.linescribe.insights.InsightsException;
import org.linescribe.insights.Outcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The results of an analysis, a field each, and the state of each step. A step that fails is
 * reported and its field is null: the transcript stays useful without it.
 *
 * <p>Thread: the analysis's.
 */
public final class AnalysisSteps {
  private static final String FAILED = "failed";

  private final JsonMapper json;
  private final ObjectNode result;
  private final ObjectNode steps;

  /**
   * @param result receives the fields
   */
  public AnalysisSteps(JsonMapper json, ObjectNode result) {
    this.json = json;
    this.result = result;
    this.steps = json.createObjectNode();
  }

  /**
   * Runs a step. Blocks.
   *
   * @return why it was skipped; empty when it ran, or failed
   */
  public <T> Optional<String> run(String step, String field, Callable<Outcome<T>> work)
      throws InterruptedException {
    Outcome<T> outcome;
    try {
      outcome = work.call();
    } catch (InterruptedException e) {
      throw e;
    } catch (InsightsException e) {
      result.putNull(field);
      steps.putObject(step).put("status", FAILED).put("reason", String.valueOf(e.getMessage()));
      return Optional.empty();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> {
        result.set(field, json.valueToTree(value));
        done(step);
        yield Optional.empty();
      }
      case Outcome.Skipped<T>(String reason) -> {
        skip(step, field, reason);
        yield Optional.of(reason);
      }
    };
  }

  public void done(String step) {
    steps.putObject(step).put("status", "completed");
  }

  public void skip(String step, String field, String reason) {
    result.putNull(field);
    steps.putObject(step).put("status", "skipped").put("reason", reason);
  }

  /** The state of each step, for the member {@code steps} of the result. */
  public ObjectNode steps() {
    return steps;
  }

  /** Whether a step of a result failed, so that it is worth another try. */
  public static boolean hasFailed(JsonNode result) {
    return result
        .path("steps")
        .valueStream()
        .anyMatch(step -> step.path("status").asString("").equals(FAILED));
  }
}
