package org.linescribe.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.FileTranscript;
import org.linescribe.api.transcript.SpokenWord;
import org.linescribe.session.Segment;

/**
 * A file's transcript in the formats of OpenAI. What no model here gives is left out: the
 * compression, the temperature, OpenAI's token numbers.
 */
final class TranscriptionBody {
  private TranscriptionBody() {}

  /** What OpenAI bills by. */
  record Usage(String type, double seconds) {
    static Usage ofDuration(double seconds) {
      return new Usage("duration", seconds);
    }
  }

  record Plain(String text, Usage usage) {}

  record Word(String word, double start, double end) {}

  /**
   * @param avgLogprob of the tokens, null where the model gives no probabilities
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Part(long id, double start, double end, String text, @Nullable Double avgLogprob) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Verbose(
      String task,
      @Nullable String language,
      double duration,
      String text,
      @Nullable List<Part> segments,
      @Nullable List<Word> words,
      Usage usage) {}

  static Object of(FileTranscript said, TranscriptionForm form) {
    return switch (form.format()) {
      case JSON -> new Plain(text(said), Usage.ofDuration(said.seconds()));
      case VERBOSE_JSON ->
          new Verbose(
              "transcribe",
              form.language().or(said::language).orElse(null),
              said.seconds(),
              text(said),
              form.wantsSegments() ? parts(said) : null,
              form.wantsWords() ? words(said) : null,
              Usage.ofDuration(said.seconds()));
      case TEXT -> text(said) + "\n";
      case SRT -> srt(said.segments());
      case VTT -> vtt(said.segments());
    };
  }

  static String text(FileTranscript said) {
    return String.join(" ", said.segments().stream().map(Segment::text).toList());
  }

  private static List<Part> parts(FileTranscript said) {
    List<Part> parts = new ArrayList<>();
    for (Segment segment : said.segments()) {
      double logs =
          segment.tokens().stream()
              .mapToDouble(token -> Math.log(token.probability()))
              .average()
              .orElse(Double.NaN);
      parts.add(
          new Part(
              parts.size(),
              segment.startMs() / 1000.0,
              segment.endMs() / 1000.0,
              segment.text(),
              Double.isFinite(logs) ? logs : null));
    }
    return parts;
  }

  private static List<Word> words(FileTranscript said) {
    return said.segments().stream()
        .flatMap(segment -> SpokenWord.of(segment).stream())
        .map(word -> new Word(word.text(), word.startMs() / 1000.0, word.endMs() / 1000.0))
        .toList();
  }

  private static String srt(List<Segment> segments) {
    StringBuilder file = new StringBuilder();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      file.append(i + 1).append('\n');
      file.append(time(segment.startMs(), ',')).append(" --> ");
      file.append(time(segment.endMs(), ',')).append('\n');
      file.append(segment.text()).append("\n\n");
    }
    return file.toString();
  }

  private static String vtt(List<Segment> segments) {
    StringBuilder file = new StringBuilder("WEBVTT\n\n");
    for (Segment segment : segments) {
      file.append(time(segment.startMs(), '.')).append(" --> ");
      file.append(time(segment.endMs(), '.')).append('\n');
      file.append(segment.text()).append("\n\n");
    }
    return file.toString();
  }

  private static String time(long ms, char point) {
    return String.format(
        Locale.ROOT,
        "%02d:%02d:%02d%c%03d",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1000 % 60,
        point,
        ms % 1000);
  }
}
