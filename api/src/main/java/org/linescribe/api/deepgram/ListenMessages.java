package org.linescribe.api.deepgram;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.audio.FileTranscript;
import org.linescribe.api.transcript.SpokenWord;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.databind.json.JsonMapper;

/**
 * Deepgram's messages. What the model does not give is left out: the confidence where it has no
 * probabilities, the words where it has no times, all that names a model of Deepgram's.
 *
 * <p>Thread: any.
 */
record ListenMessages(JsonMapper json) {
  /** A word; times in seconds. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Word(String word, double start, double end, @Nullable Double confidence) {}

  /** What was recognised. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Alternative(String transcript, @Nullable Double confidence, List<Word> words) {}

  private record Channel(List<Alternative> alternatives) {}

  private record ModelInfo(String name) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record ResultsMetadata(String requestId, @Nullable ModelInfo modelInfo) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Results(
      String type,
      List<Integer> channelIndex,
      double duration,
      double start,
      @JsonProperty("is_final") boolean isFinal,
      boolean speechFinal,
      Channel channel,
      ResultsMetadata metadata,
      boolean fromFinalize,
      @Nullable Long seq) {}

  private record Metadata(
      String type,
      String transactionKey,
      String requestId,
      String sha256,
      Instant created,
      double duration,
      int channels) {}

  private record SpeechStarted(String type, List<Integer> channel, double timestamp) {}

  private record UtteranceEnd(String type, List<Integer> channel, double lastWordEnd) {}

  private record Failure(String type, String variant, String description, String message) {}

  private record ConfigureFailure(String type, String requestId, String code, String description) {}

  String partial(TranscriptEvent.Partial partial, int channel, int channels) {
    return write(
        new Results(
            "Results",
            List.of(channel, channels),
            seconds(partial.endMs() - partial.startMs()),
            seconds(partial.startMs()),
            false,
            false,
            new Channel(
                List.of(new Alternative(partial.text(), known(partial.confidence()), List.of()))),
            new ResultsMetadata(partial.sessionId().value(), null),
            false,
            partial.seq()));
  }

  String done(Segment segment, int channel, int channels, boolean fromFinalize) {
    return write(
        new Results(
            "Results",
            List.of(channel, channels),
            seconds(segment.endMs() - segment.startMs()),
            seconds(segment.startMs()),
            true,
            true,
            new Channel(List.of(alternative(segment))),
            new ResultsMetadata(segment.sessionId().value(), new ModelInfo(segment.model())),
            fromFinalize,
            segment.seq()));
  }

  /** Of a {@code Finalize} that found nothing to finalize. */
  String nothingToFinalize(SessionId id, int channels, double atSeconds) {
    return write(
        new Results(
            "Results",
            List.of(0, channels),
            0,
            atSeconds,
            true,
            true,
            new Channel(List.of(new Alternative("", null, List.of()))),
            new ResultsMetadata(id.value(), null),
            true,
            null));
  }

  String metadata(SessionId id, String sha256, Instant created, double duration, int channels) {
    return write(
        new Metadata("Metadata", "deprecated", id.value(), sha256, created, duration, channels));
  }

  String speechStarted(int channel, int channels, long atMs) {
    return write(new SpeechStarted("SpeechStarted", List.of(channel, channels), seconds(atMs)));
  }

  String utteranceEnd(int channel, int channels, long lastWordEndMs) {
    return write(
        new UtteranceEnd("UtteranceEnd", List.of(channel, channels), seconds(lastWordEndMs)));
  }

  String error(String variant, String description) {
    return write(new Failure("Error", variant, description, description));
  }

  String configureFailure(SessionId id) {
    return write(
        new ConfigureFailure(
            "ConfigureFailure",
            id.value(),
            "CONFIGURE_KEYTERMS_NOT_SUPPORTED",
            "a session's configuration is that of its upgrade"));
  }

  /** The answer to a file. */
  static Map<String, Object> response(
      SessionId id, String sha256, Instant created, FileTranscript said, ListenRequest request) {
    List<String> models = said.segments().stream().map(Segment::model).distinct().toList();
    List<Channel> channels = new ArrayList<>();
    for (int channel = 0; channel < request.legs(); channel++) {
      int of = channel;
      List<Segment> own =
          said.segments().stream().filter(segment -> request.channel(segment.leg()) == of).toList();
      channels.add(new Channel(List.of(together(own))));
    }
    return Map.of(
        "metadata",
        Map.of(
            "transaction_key",
            "deprecated",
            "request_id",
            id.value(),
            "sha256",
            sha256,
            "created",
            created,
            "duration",
            said.seconds(),
            "channels",
            request.legs(),
            "models",
            models,
            "model_info",
            Map.of()),
        "results",
        Map.of("channels", channels));
  }

  private static Alternative together(List<Segment> segments) {
    return new Alternative(
        String.join(" ", segments.stream().map(Segment::text).toList()),
        known(
            segments.stream()
                .flatMap(segment -> segment.tokens().stream())
                .mapToDouble(token -> token.probability())
                .average()
                .orElse(Double.NaN)),
        segments.stream().flatMap(segment -> words(segment).stream()).toList());
  }

  private static Alternative alternative(Segment segment) {
    return new Alternative(segment.text(), known(SpokenWord.confidence(segment)), words(segment));
  }

  private static List<Word> words(Segment segment) {
    return SpokenWord.of(segment).stream()
        .map(
            word ->
                new Word(
                    word.text(),
                    seconds(word.startMs()),
                    seconds(word.endMs()),
                    known(word.confidence())))
        .toList();
  }

  static double seconds(long ms) {
    return ms / 1000.0;
  }

  private static @Nullable Double known(double probability) {
    return Double.isNaN(probability) ? null : probability;
  }

  private String write(Object message) {
    return json.writeValueAsString(message);
  }
}
