package org.linescribe.insights;

/** The result of a step. */
public sealed interface Outcome<T> {
  /** The step ran; its value may be empty. */
  record Done<T>(T value) implements Outcome<T> {}

  /**
   * The step did not run.
   *
   * @param reason shown to the client
   */
  record Skipped<T>(String reason) implements Outcome<T> {}
}
