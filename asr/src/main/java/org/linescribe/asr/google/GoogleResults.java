package org.linescribe.asr.google;

import com.google.cloud.speech.v1.SpeechRecognitionAlternative;
import com.google.cloud.speech.v1.StreamingRecognitionResult;
import com.google.cloud.speech.v1.WordInfo;
import com.google.protobuf.Duration;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

/** Converts Google's results. Times of a result count from its call's start. */
final class GoogleResults {
  private GoogleResults() {}

  /**
   * @param results of one utterance, in order
   * @param callMs where the call began on the leg's timeline
   * @param afterMs end of the utterance before
   */
  static Hypothesis hypothesis(
      List<StreamingRecognitionResult> results, long callMs, long afterMs) {
    StringBuilder text = new StringBuilder();
    List<Token> tokens = new ArrayList<>();
    long endMs = afterMs;
    for (StreamingRecognitionResult result : results) {
      if (result.getAlternativesCount() == 0) {
        continue;
      }
      SpeechRecognitionAlternative best = result.getAlternatives(0);
      text.append(' ').append(best.getTranscript());
      endMs = Math.max(endMs, endMs(result, callMs));
      if (best.getWordsCount() > 0) {
        for (WordInfo word : best.getWordsList()) {
          tokens.add(
              new Token(
                  " " + word.getWord(),
                  Math.max(afterMs, callMs + ms(word.getStartTime())),
                  known(word.getConfidence())));
        }
      } else if (!best.getTranscript().isBlank()) {
        tokens.add(
            new Token(" " + best.getTranscript().strip(), afterMs, known(best.getConfidence())));
      }
    }
    String words = text.toString().strip().replaceAll("\\s+", " ");
    long startMs = tokens.isEmpty() ? afterMs : Math.min(tokens.getFirst().startMs(), endMs);
    return new Hypothesis(words, tokens, startMs, endMs);
  }

  static long endMs(StreamingRecognitionResult result, long callMs) {
    return callMs + ms(result.getResultEndTime());
  }

  /** Google's zero says that there is none. */
  private static double known(float confidence) {
    return confidence > 0 ? Math.min(1, confidence) : Double.NaN;
  }

  private static long ms(Duration duration) {
    return duration.getSeconds() * 1000 + duration.getNanos() / 1_000_000;
  }
}
