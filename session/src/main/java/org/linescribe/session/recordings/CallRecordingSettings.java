package org.linescribe.session.recordings;

import org.linescribe.settings.Default;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** Which calls are recorded, and where. */
@SettingsGroup("linescribe.recording")
public record CallRecordingSettings(
    @Setting(
            "Whether calls are recorded for which no rule (record of linescribe.line.routes) says"
                + " otherwise. Recording a call may need the consent of both parties.")
        @Default("false")
        boolean calls,
    @Setting(
            "Folder of the recordings; empty: call-recordings under linescribe.data. They are kept"
                + " as long as linescribe.storage.keep-recordings says.")
        String directory) {
  public static CallRecordingSettings defaults() {
    return SettingsDefaults.of(CallRecordingSettings.class);
  }
}
