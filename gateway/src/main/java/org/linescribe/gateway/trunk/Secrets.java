package org.linescribe.gateway.trunk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.linescribe.settings.SettingsCheck;

/** Passwords from a setting or from a file, never in a message. */
public final class Secrets {
  private static final int MAX_BYTES = 4096;

  private Secrets() {}

  /**
   * The password: the setting's, else the file's content without the line end.
   *
   * @throws IllegalArgumentException naming key and file when both or neither are given, or the
   *     file cannot be read
   */
  public static String read(String key, String password, String file) {
    SettingsCheck.require(
        password.isEmpty() != file.isEmpty(),
        key + ".password",
        "(not shown)",
        "either password or password-file");
    if (file.isEmpty()) {
      return password;
    }
    try {
      SettingsCheck.require(
          Files.size(Path.of(file)) <= MAX_BYTES,
          key + ".password-file",
          "'" + file + "'",
          "a file of one line");
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          key + ".password-file: '" + file + "' (expected: a file that can be read): " + e, e);
    }
  }
}
