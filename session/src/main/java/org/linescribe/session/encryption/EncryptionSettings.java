package org.linescribe.session.encryption;

import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;

/** The keys of the recordings. */
@SettingsGroup("linescribe.recording.encryption")
public record EncryptionSettings(
    @Setting(
            "Keys that recordings are encrypted with, each 32 bytes in base64, comma between: the"
                + " first encrypts, all decrypt. Empty, and no keys-file: recordings are plain WAV"
                + " files. Never logged.")
        String keys,
    @Setting(
            "As keys, from a file with a key on each line; empty lines and those that begin with #"
                + " do not count.")
        String keysFile) {
  static final String KEYS = "linescribe.recording.encryption.keys";
  static final String KEYS_FILE = "linescribe.recording.encryption.keys-file";

  public EncryptionSettings {
    SettingsCheck.require(
        keys.isBlank() || keysFile.isBlank(),
        KEYS,
        "(not shown)",
        "nothing beside " + KEYS_FILE + ", which is set");
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "EncryptionSettings[keys=(not shown), keysFile=" + keysFile + "]";
  }
}
