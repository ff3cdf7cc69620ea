package org.linescribe.session.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionKeysTest {
  private static final String ONE = Base64.getEncoder().encodeToString(new byte[32]);
  private static final String TWO = Base64.getEncoder().encodeToString("2".repeat(32).getBytes());

  @TempDir private Path folder;

  private static EncryptionKeys of(String keys, String file) {
    return EncryptionKeys.of(new EncryptionSettings(keys, file));
  }

  @Test
  void aFileHasAKeyOnEachLine() throws Exception {
    Path file =
        Files.writeString(folder.resolve("keys"), "# of 2026\n" + TWO + "\n\n" + ONE + "\n");

    assertThat(of("", file.toString()).ids()).isEqualTo(of(TWO + ", " + ONE, "").ids()).hasSize(2);
    assertThat(of("", "").isEmpty()).isTrue();
  }

  @Test
  void anIdDependsOnTheKeyAlone() {
    assertThat(of(ONE, "").ids()).containsExactly(of(TWO + "," + ONE, "").ids().getLast());
    assertThat(of(ONE, "").ids().getFirst()).matches("[0-9a-f]{16}");
  }

  @Test
  void aBadKeyIsNamedByItsPlaceAndNotShown() throws Exception {
    String secret = "c2VjcmV0IHNlY3JldA==";
    assertThatThrownBy(() -> of(ONE + "," + secret, ""))
        .hasMessage(
            "linescribe.recording.encryption.keys, key 2: 13 bytes"
                + " (expected: 32 bytes in base64 (openssl rand -base64 32))");
    Path file = Files.writeString(folder.resolve("keys"), "no base64: " + secret);
    assertThatThrownBy(() -> of("", file.toString()))
        .hasMessageStartingWith("linescribe.recording.encryption.keys-file: '" + file + "', key 1:")
        .hasMessageNotContaining(secret)
        .hasNoCause();
    assertThatThrownBy(() -> of("", folder.resolve("none").toString()))
        .hasMessageStartingWith("linescribe.recording.encryption.keys-file: '");
    assertThatThrownBy(() -> of("", Files.writeString(file, "# none\n").toString()))
        .hasMessageContaining("at least one key");
    assertThatThrownBy(() -> of(ONE, "file"))
        .hasMessageStartingWith("linescribe.recording.encryption.keys: (not shown)");
    assertThat(new EncryptionSettings(ONE, "").toString()).doesNotContain(ONE);
  }
}
