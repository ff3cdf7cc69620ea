package org.linescribe.api.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.linescribe.media.g711.G711Law;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A recording of a person who says digits, from the shared folder.
 *
 * @param pcm mono, 16 bit, 8 kHz
 */
record HumanCall(String name, List<String> words, short[] pcm) {
  private static final int WAV_HEADER_BYTES = 44;

  static Path sharedFolder() {
    return Path.of(System.getProperty("linescribe.root")).resolveSibling("shared");
  }

  static List<HumanCall> all() {
    Path folder = sharedFolder().resolve("test-calls/human");
    JsonNode manifest =
        JsonMapper.builder().build().readTree(folder.resolve("manifest.json").toFile());
    return StreamSupport.stream(manifest.spliterator(), false)
        .map(
            entry ->
                new HumanCall(
                    entry.get("file").asString(),
                    List.of(entry.get("words").asString().split(" ")),
                    read(folder.resolve(entry.get("file").asString()))))
        .toList();
  }

  static HumanCall named(String name) {
    return all().stream().filter(call -> call.name().equals(name)).findFirst().orElseThrow();
  }

  private static short[] read(Path wav) {
    try {
      byte[] bytes = Files.readAllBytes(wav);
      ByteBuffer samples =
          ByteBuffer.wrap(bytes, WAV_HEADER_BYTES, bytes.length - WAV_HEADER_BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      short[] pcm = new short[samples.remaining() / 2];
      samples.asShortBuffer().get(pcm);
      return pcm;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  byte[] g711(G711Law law) {
    byte[] codes = new byte[pcm.length];
    law.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  /** The audio and then silence, as long as it takes to end the last utterance. */
  byte[] g711WithSilence(G711Law law, int silenceMs) {
    byte[] speech = g711(law);
    byte[] all = new byte[speech.length + silenceMs * 8];
    Arrays.fill(all, (byte) law.encode(0));
    System.arraycopy(speech, 0, all, 0, speech.length);
    return all;
  }

  /** Substitutions, insertions and deletions that turn the words into what was heard. */
  int errors(String heard) {
    List<String> got =
        heard.isBlank() ? List.of() : List.of(heard.strip().toUpperCase().split("\\s+"));
    int[] row = new int[got.size() + 1];
    for (int j = 0; j <= got.size(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= words.size(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= got.size(); j++) {
        int substituted = diagonal + (words.get(i - 1).equals(got.get(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[got.size()];
  }
}
