package org.linescribe.api.insights;

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
   * One part on its way.
   *
   * @param text this part
   * @param cumulative everything translated so far, this part included
   * @param index from 1
   * @param total how many parts there will be
   */
  public record Chunk(String text, String cumulative, int index, int total) {}
}
