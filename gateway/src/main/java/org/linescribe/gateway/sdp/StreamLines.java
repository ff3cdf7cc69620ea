package org.linescribe.gateway.sdp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which stream of a recording each m-line of an offer is for.
 *
 * <p>Thread: one at a time. Source: RFC 3264 §8, RFC 4574, RFC 7866 §7.1.1.
 */
final class StreamLines {
  /** By stream; -1 where another one has got its m-line. */
  private final List<Integer> lineOfStream = new ArrayList<>();

  /** By stream; empty where it has none. */
  private final List<String> labelOfStream = new ArrayList<>();

  /** Streams that were taken so far. */
  int count() {
    return lineOfStream.size();
  }

  /** A stream was taken from an m-line. */
  void place(int index, int line, MediaDescription stream) {
    String label = label(stream);
    while (lineOfStream.size() <= index) {
      lineOfStream.add(-1);
      labelOfStream.add("");
    }
    lineOfStream.set(index, line);
    labelOfStream.set(index, label.isEmpty() ? labelOfStream.get(index) : label);
    for (int other = 0; other < lineOfStream.size(); other++) {
      if (other != index && lineOfStream.get(other) == line) {
        lineOfStream.set(other, -1);
      }
    }
  }

  private static String label(MediaDescription stream) {
    return stream.attribute("label").orElse("");
  }

  /**
   * The stream that each m-line of a recording is offered for, from 0; those that are new behind
   * the known ones; -1 for none. An m-line keeps its stream (RFC 3264 §8), unless its label says
   * that it is another one, as where the m-line of a stream that ended is used again (§8.1); a
   * label finds its stream on another m-line too (RFC 4574, RFC 7866 §7.1.1).
   *
   * @param recordable those of the offer that may be taken, by identity
   */
  int[] streams(SessionDescription offer, List<MediaDescription> recordable) {
    int[] streams = new int[offer.media().size()];
    Arrays.fill(streams, -1);
    for (int line = 0; line < streams.length; line++) {
      MediaDescription stream = offer.media().get(line);
      int known = lineOfStream.indexOf(line);
      if (known >= 0 && stream.port() != 0 && isLabelled(known, label(stream))) {
        streams[line] = known;
      }
    }
    int next = lineOfStream.size();
    for (int line = 0; line < streams.length; line++) {
      MediaDescription stream = offer.media().get(line);
      if (streams[line] < 0 && recordable.stream().anyMatch(taken -> taken == stream)) {
        String label = label(stream);
        int known = label.isEmpty() ? -1 : labelOfStream.indexOf(label);
        boolean isFree = known >= 0 && Arrays.stream(streams).noneMatch(other -> other == known);
        streams[line] = isFree ? known : next++;
      }
    }
    return streams;
  }

  private boolean isLabelled(int stream, String label) {
    String known = labelOfStream.get(stream);
    return known.isEmpty() || label.isEmpty() || known.equals(label);
  }
}
