package org.linescribe.api.socketio;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.linescribe.api.audio.RecognitionParameters;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.AudioShape;

/**
 * What a client says of its audio when it connects, in Socket.IO's {@code auth} or in the query.
 *
 * @param sessionId the recording to begin or to go on with; empty for one of the connection's own
 * @param coding what the chunks are
 * @param sampleRateHz of raw PCM, and of the WAV file
 * @param channels 1 or 2, of both
 * @param recognition the model and the language that it is recognised with
 */
record RecordingRequest(
    Optional<SessionId> sessionId,
    Coding coding,
    int sampleRateHz,
    int channels,
    boolean transcribe,
    RecognitionRequest recognition) {
  static final List<Integer> SAMPLE_RATES_HZ =
      List.of(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000);
  private static final String FORMATS =
      "auto, pcm16, mulaw, alaw, wav, webm, ogg, mp3, flac, aac or m4a";

  /** What a stream of chunks is. */
  sealed interface Coding {}

  /** What its first bytes show; raw 16-bit PCM where they show nothing. */
  record Detected(Optional<ContainerFormat> asked) implements Coding {}

  /** Raw 16-bit little-endian PCM, whatever its first bytes look like. */
  record Pcm16() implements Coding {}

  /** G.711. */
  record Law(G711Law law) implements Coding {}

  AudioShape shape() {
    return new AudioShape(sampleRateHz, channels);
  }

  /** A parameter is not what it may be. */
  static final class RefusedParameterException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedParameterException(String name, String expected) {
      super(name + ": expected " + expected);
    }
  }

  static RecordingRequest of(
      Function<String, Optional<String>> parameters, SocketIoSettings settings)
      throws RefusedParameterException {
    Coding coding = coding(parameters.apply("format").orElse("auto"));
    int usualHz = coding instanceof Law ? G711Law.SAMPLE_RATE_HZ : settings.sampleRate();
    int sampleRateHz = number(parameters, "sample_rate", SAMPLE_RATES_HZ, usualHz);
    int channels = number(parameters, "channels", List.of(1, 2), 1);
    return new RecordingRequest(
        sessionId(parameters.apply("session_id")),
        coding,
        sampleRateHz,
        channels,
        flag(parameters.apply("transcribe"), settings.transcribe()),
        RecognitionParameters.of(parameters));
  }

  private static Coding coding(String format) throws RefusedParameterException {
    return switch (format.toLowerCase(Locale.ROOT)) {
      case "auto" -> new Detected(Optional.empty());
      case "pcm16", "pcm", "raw", "s16le" -> new Pcm16();
      case "mulaw", "ulaw", "pcmu" -> new Law(G711Law.PCMU);
      case "alaw", "pcma" -> new Law(G711Law.PCMA);
      case "wav" -> new Detected(Optional.of(ContainerFormat.WAV));
      case "webm" -> new Detected(Optional.of(ContainerFormat.WEBM));
      case "ogg", "opus" -> new Detected(Optional.of(ContainerFormat.OGG));
      case "mp3" -> new Detected(Optional.of(ContainerFormat.MP3));
      case "flac" -> new Detected(Optional.of(ContainerFormat.FLAC));
      case "aac" -> new Detected(Optional.of(ContainerFormat.AAC));
      case "m4a", "mp4" -> new Detected(Optional.of(ContainerFormat.MP4));
      default -> throw new RefusedParameterException("format", FORMATS);
    };
  }

  private static int number(
      Function<String, Optional<String>> parameters, String name, List<Integer> allowed, int usual)
      throws RefusedParameterException {
    String word = parameters.apply(name).orElse(String.valueOf(usual));
    for (int value : allowed) {
      if (String.valueOf(value).equals(word)) {
        return value;
      }
    }
    throw new RefusedParameterException(name, "one of " + allowed);
  }

  private static boolean flag(Optional<String> word, boolean usual)
      throws RefusedParameterException {
    return switch (word.orElse(String.valueOf(usual))) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new RefusedParameterException("transcribe", "true or false");
    };
  }

  private static Optional<SessionId> sessionId(Optional<String> word)
      throws RefusedParameterException {
    if (word.isPresent() && !SessionId.isValid(word.get())) {
      throw new RefusedParameterException(
          "session_id", "1 to 128 of A-Z a-z 0-9 . _ ~ - + ! @ :, not only dots");
    }
    return word.map(SessionId::new);
  }
}
