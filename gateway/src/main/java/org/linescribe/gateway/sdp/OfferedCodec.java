package org.linescribe.gateway.sdp;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.linescribe.media.codec.AudioCodec;

/**
 * The codec that is chosen of a media description's formats.
 *
 * @param payloadType that the description gives it
 * @param telephoneEvent payload type of RFC 4733 events, where the description has them
 */
record OfferedCodec(AudioCodec codec, int payloadType, OptionalInt telephoneEvent) {
  private static final String TELEPHONE_EVENT = "TELEPHONE-EVENT/";

  /**
   * @param choices the preferred one first; within a choice the description's order decides
   */
  static Optional<OfferedCodec> best(MediaDescription stream, List<CodecChoice> choices) {
    List<Integer> types =
        stream.formats().stream().flatMap(format -> payloadType(format).stream()).toList();
    for (CodecChoice choice : choices) {
      for (int type : types) {
        Optional<AudioCodec> codec =
            AudioCodec.of(encoding(stream, type)).filter(choice.codecs()::contains);
        if (codec.isPresent()) {
          return Optional.of(
              new OfferedCodec(codec.get(), type, telephoneEvent(stream, types, codec.get())));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The events of the codec's clock, as RFC 4733 §2.1 wants them; else any, because telephones
   * offer those of 8 kHz beside Opus, and send them by Opus's clock.
   */
  private static OptionalInt telephoneEvent(
      MediaDescription stream, List<Integer> types, AudioCodec codec) {
    int rateHz = AudioCodec.SAMPLE_RATE_HZ * codec.ticksPerSample();
    List<Integer> events =
        types.stream().filter(type -> encoding(stream, type).startsWith(TELEPHONE_EVENT)).toList();
    return events.stream()
        .filter(type -> encoding(stream, type).equals(TELEPHONE_EVENT + rateHz))
        .findFirst()
        .or(() -> events.stream().findFirst())
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  /** What our description says of a codec. */
  static List<String> lines(AudioCodec codec, int payloadType) {
    String map = "a=rtpmap:" + payloadType + " " + codec.encoding();
    // RFC 7587 §6.1: more than we decode to would be sent in vain.
    return codec == AudioCodec.OPUS
        ? List.of(map, "a=fmtp:" + payloadType + " maxplaybackrate=8000")
        : List.of(map);
  }

  private static Optional<Integer> payloadType(String format) {
    return format.matches("\\d{1,3}") && Integer.parseInt(format) <= 127
        ? Optional.of(Integer.parseInt(format))
        : Optional.empty();
  }

  /** The rtpmap of our answer for events that the description has. */
  static String event(MediaDescription stream, int payloadType) {
    return encoding(stream, payloadType).toLowerCase(Locale.ROOT);
  }

  /** Encoding in upper case, such as "PCMU/8000": from rtpmap, else the static payload type. */
  private static String encoding(MediaDescription stream, int payloadType) {
    String prefix = payloadType + " ";
    for (Attribute attribute : stream.attributes()) {
      if (attribute.name().equals("rtpmap") && attribute.value().startsWith(prefix)) {
        String encoding =
            attribute.value().substring(prefix.length()).strip().toUpperCase(Locale.ROOT);
        return encoding.endsWith("/1") ? encoding.substring(0, encoding.length() - 2) : encoding;
      }
    }
    return switch (payloadType) {
      case 0 -> "PCMU/8000";
      case 8 -> "PCMA/8000";
      case 9 -> "G722/8000";
      default -> "";
    };
  }
}
