package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resample.HalfBandDoubler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The shared recordings of people speaking digits, 8 kHz, as a phone would deliver them. */
final class HumanCalls {
  /** A recording: file, what is said, and 8 kHz samples. */
  record Call(String file, String words, short[] pcm) {
    /** Coded and decoded by the law, doubled to 16 kHz, with silence appended. */
    float[] throughPhone(G711Law law, int silenceMs) {
      float[] narrow = new float[pcm.length + silenceMs * 8];
      byte[] coded = new byte[narrow.length];
      short[] padded = java.util.Arrays.copyOf(pcm, narrow.length);
      law.encode(padded, 0, padded.length, coded, 0);
      law.decode(coded, 0, coded.length, narrow, 0);
      float[] wide = new float[narrow.length * 2];
      new HalfBandDoubler().process(narrow, 0, narrow.length, wide, 0);
      return wide;
    }
  }

  private HumanCalls() {}

  static Path shared() {
    return Path.of(System.getProperty("linescribe.root", ".")).resolveSibling("shared").normalize();
  }

  static List<Call> all() {
    Path folder = shared().resolve("test-calls").resolve("human");
    try {
      List<Call> calls = new ArrayList<>();
      for (JsonNode node :
          new JsonMapper().readTree(Files.readString(folder.resolve("manifest.json")))) {
        String file = node.get("file").asString();
        calls.add(new Call(file, node.get("words").asString(), read(folder.resolve(file))));
      }
      return calls;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static short[] read(Path wav) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(wav)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(12);
    while (true) {
      byte[] id = new byte[4];
      bytes.get(id);
      int length = bytes.getInt();
      if (new String(id, StandardCharsets.US_ASCII).equals("data")) {
        short[] pcm = new short[length / 2];
        bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(pcm);
        return pcm;
      }
      bytes.position(bytes.position() + length);
    }
  }
}
