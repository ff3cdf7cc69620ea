package org.linescribe.session.recordings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;

/** Which spools are encrypted, and with which key. */
class EncryptedSpoolTest {
  private static final EncryptionKeys FIRST = keys(1);
  private static final EncryptionKeys SECOND = keys(2);

  @TempDir private Path directory;

  private static EncryptionKeys keys(int seed) {
    byte[] key = new byte[32];
    new Random(seed).nextBytes(key);
    return EncryptionKeys.of(new EncryptionSettings(Base64.getEncoder().encodeToString(key), ""));
  }

  /** A client decides what its stream begins with. */
  @Test
  void aPlainSpoolMayBeginLikeAnEncryptedOne() throws Exception {
    byte[] stream =
        "LSCRYPT1 and what is behind it, more than a header of 64 bytes, or less".getBytes();
    for (EncryptionKeys keys : List.of(EncryptionKeys.NONE, FIRST)) {
      for (int length : new int[] {8, 20, stream.length}) {
        Spool spool = Spool.create(directory, "one", Optional.empty(), keys);
        spool.append(Arrays.copyOf(stream, length));
        try (InputStream in = spool.bytes()) {
          assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOf(stream, length));
        }
        spool.delete();
      }
    }
  }

  /** A recording goes on with its own key, and its spool has the first one. */
  @Test
  void spoolsNeedTheirKeysToo() throws Exception {
    Spool spool = Spool.create(directory, "one", Optional.empty(), FIRST);
    spool.append(new byte[100]);
    spool.close();
    Spool plain = Spool.create(directory, "two", Optional.empty(), EncryptionKeys.NONE);
    plain.append(Arrays.copyOf("LSCRYPT1".getBytes(StandardCharsets.US_ASCII), 100));
    plain.close();

    assertThat(RecordingFiles.unreadable(directory, SECOND).missingKeys())
        .containsExactly(Map.entry(FIRST.ids().getFirst(), 1));
    assertThat(RecordingFiles.unreadable(directory, FIRST).missingKeys()).isEmpty();
  }
}
