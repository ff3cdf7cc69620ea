package org.linescribe.insights;

/**
 * A transcript in another language.
 *
 * @param text the whole translation
 * @param sourceLanguage BCP 47 tag of the transcript
 * @param targetLanguage BCP 47 tag of the text
 * @param model the model that translated
 */
public record Translation(String text, String sourceLanguage, String targetLanguage, String model) {
  /**
   * One chunk of a translation in progress.
   *
   * @param text of this chunk
   * @param cumulative everything translated so far, this chunk included
   * @param index from 1
   * @param total number of chunks
   */
  public record Chunk(String text, String cumulative, int index, int total) {}
}
