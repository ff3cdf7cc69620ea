package org.linescribe.api.insights;

/** What a step came to. */
public sealed interface Outcome<T> {
  /** The step ran; this is what it found, possibly nothing. */
  record Done<T>(T value) implements Outcome<T> {}

  /**
   * The step did not run.
   *
   * @param reason why, in words for the client
   */
  record Skipped<T>(String reason) implements Outcome<T> {}
}
