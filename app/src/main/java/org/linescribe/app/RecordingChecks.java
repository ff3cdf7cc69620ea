package org.linescribe.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.linescribe.app.DoctorCommand.Finding;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.RecordingFiles;

/** Whether every recording that is kept can be read. */
final class RecordingChecks {
  private RecordingChecks() {}

  /** Empty where nothing is encrypted. */
  static Optional<Finding> keys(Settings settings, String data) {
    EncryptionKeys keys = EncryptionKeys.of(settings.bind(EncryptionSettings.class));
    SortedMap<String, Integer> missing = new TreeMap<>();
    int damaged = 0;
    try {
      for (Path folder : folders(settings, data)) {
        RecordingFiles.Unreadable unreadable = RecordingFiles.unreadable(folder, keys);
        unreadable.missingKeys().forEach((id, files) -> missing.merge(id, files, Integer::sum));
        damaged += unreadable.damaged();
      }
    } catch (IOException e) {
      return Optional.of(
          Finding.wrong("recording", e.toString(), "give this user the folders' files"));
    }
    if (!missing.isEmpty()) {
      String found =
          missing.entrySet().stream()
              .map(each -> each.getValue() + " need key " + each.getKey())
              .collect(Collectors.joining(", "));
      return Optional.of(
          Finding.wrong(
              "recording",
              "recordings that cannot be read: " + found,
              "add those keys behind the first one: linescribe.recording.encryption.keys-file"));
    }
    if (damaged > 0) {
      return Optional.of(
          Finding.wrong(
              "recording",
              "recordings whose header was changed or cut off: " + damaged,
              "bring them back from a backup, or delete them"));
    }
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(Finding.ok("recording", "encrypted with key " + keys.ids().getFirst()));
  }

  /** As the APIs find them. */
  private static List<Path> folders(Settings settings, String data) {
    return List.of(
        folder(settings.bind(CallRecordingSettings.class).directory(), data, "call-recordings"),
        folder(
            settings
                .optionalText("linescribe.audio-sessions.storage-path")
                .or(() -> settings.optionalText("AUDIO_STORAGE_PATH"))
                .orElse(""),
            data,
            "audio-sessions"),
        folder(
            settings.optionalText("linescribe.socketio.storage-path").orElse(""),
            data,
            "recordings"));
  }

  private static Path folder(String given, String data, String byDefault) {
    return given.isBlank() ? Path.of(data, byDefault) : Path.of(given);
  }
}
