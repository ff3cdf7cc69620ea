package org.linescribe.api.files;

/** The steps of a file, each with its range of the progress in percent. */
enum Step {
  TRANSCRIPTION("transcription", 1, 70),
  TRANSLATION("translation", 70, 80),
  ENTITY_EXTRACTION("entity_extraction", 80, 85),
  CLASSIFICATION("classification", 85, 90),
  QA_EVALUATION("qa_evaluation", 90, 95),
  SUMMARIZATION("summarization", 95, 99);

  private final String word;
  private final int from;
  private final int to;

  Step(String word, int from, int to) {
    this.word = word;
    this.from = from;
    this.to = to;
  }

  /** The documented name. */
  String word() {
    return word;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /**
   * @param done completed fraction of the step, 0 to 1
   */
  int percent(double done) {
    return (int) Math.floor(from + (to - from) * Math.clamp(done, 0.0, 1.0));
  }
}
