package org.linescribe.session.encryption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.linescribe.settings.SettingsCheck;

/**
 * The keys that an operator gave: the first encrypts, all decrypt.
 *
 * <p>Thread: any. No message holds a key.
 */
public final class EncryptionKeys {
  /** Nothing is encrypted, and nothing encrypted can be read. */
  public static final EncryptionKeys NONE = new EncryptionKeys(List.of());

  private static final int MAX_FILE_BYTES = 64 * 1024;
  private static final String EXPECTED = "32 bytes in base64 (openssl rand -base64 32)";

  private final List<EncryptionKey> keys;

  private EncryptionKeys(List<EncryptionKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * @throws IllegalArgumentException that names the setting, and the place of a key that is none
   */
  public static EncryptionKeys of(EncryptionSettings settings) {
    if (!settings.keysFile().isBlank()) {
      return ofFile(settings.keysFile().strip());
    }
    if (settings.keys().isBlank()) {
      return NONE;
    }
    return of(EncryptionSettings.KEYS, List.of(settings.keys().split(",", -1)));
  }

  private static EncryptionKeys ofFile(String file) {
    try {
      Path path = Path.of(file);
      SettingsCheck.require(
          Files.size(path) <= MAX_FILE_BYTES,
          EncryptionSettings.KEYS_FILE,
          "'" + file + "'",
          "a file of a key on each line");
      List<String> lines =
          Files.readAllLines(path).stream()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .toList();
      SettingsCheck.require(
          !lines.isEmpty(), EncryptionSettings.KEYS_FILE, "'" + file + "'", "at least one key");
      return of(EncryptionSettings.KEYS_FILE + ": '" + file + "'", lines);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s: '%s' (expected: a file that can be read): %s"
              .formatted(EncryptionSettings.KEYS_FILE, file, e),
          e);
    }
  }

  private static EncryptionKeys of(String where, List<String> texts) {
    List<EncryptionKey> keys = new ArrayList<>();
    for (String text : texts) {
      String name = where + ", key " + (keys.size() + 1);
      byte[] key;
      try {
        key = Base64.getDecoder().decode(text.strip());
      } catch (IllegalArgumentException notBase64) {
        // Its message quotes what was read.
        throw new IllegalArgumentException(name + ": (not shown) (expected: " + EXPECTED + ")");
      }
      SettingsCheck.require(
          key.length == EncryptionKey.BYTES, name, key.length + " bytes", EXPECTED);
      keys.add(new EncryptionKey(key));
    }
    return new EncryptionKeys(keys);
  }

  /** The key that encrypts; empty where nothing is encrypted. */
  Optional<EncryptionKey> current() {
    return keys.stream().findFirst();
  }

  public boolean isEmpty() {
    return keys.isEmpty();
  }

  /** By which a file names its key; the first encrypts. */
  public List<String> ids() {
    return keys.stream().map(EncryptionKey::id).toList();
  }

  EncryptionKey find(String id) throws KeyUnavailableException {
    return keys.stream()
        .filter(key -> key.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new KeyUnavailableException(id));
  }
}
