package org.linescribe.session.storage;

import java.time.Duration;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** How much the data folder keeps, and for how long. */
@SettingsGroup("linescribe.storage")
public record StorageSettings(
    @Setting(
            "Free bytes of the data folder's disk below which new sessions (503, 1013),"
                + " uploads (507) and recordings are refused; those that are open go on.")
        @Default("67108864")
        @Range("0 to 1TB")
        long minFree,
    @Setting(
            "A session and its segments are deleted this long after its end; 0s keeps them for"
                + " ever.")
        @Default("0s")
        @Range("0s to 87600h")
        Duration keepSessions,
    @Setting(
            "As keep-sessions, for the calls of strangers: of addresses that are neither a trunk's"
                + " (linescribe.line.trunks) nor in linescribe.call.session-id-networks. The"
                + " shorter of the two times counts.")
        @Default("720h")
        @Range("0s to 87600h")
        Duration keepStrangersSessions,
    @Setting("A recording is deleted this long after its last audio; 0s keeps it for ever.")
        @Default("0s")
        @Range("0s to 87600h")
        Duration keepRecordings,
    @Setting(
            "Bytes that the recordings of one API may use; a new recording beyond them is refused."
                + " 0 sets no bound.")
        @Default("0")
        @Range("0 to 1000TB")
        long maxRecordings,
    @Setting(
            "Bytes of the embedded database from which on new sessions are refused (503, 1013). 0"
                + " sets no bound.")
        @Default("0")
        @Range("0 to 1000TB")
        long maxDatabase,
    @Setting(
            "Bytes that uploads in progress and in the queue may use; a new upload beyond them gets"
                + " 507. 0 sets no bound.")
        @Default("10737418240")
        @Range("0 to 1000TB")
        long maxUploads,
    @Setting(
            "How long the database keeps the order to erase a session, for nodes that are away: one"
                + " that comes back later keeps what it has. The order holds the session's id.")
        @Default("2160h")
        @Range("24h to 87600h")
        Duration keepErasures) {
  public StorageSettings {
    SettingsCheck.ranges(
        StorageSettings.class,
        minFree,
        keepSessions,
        keepStrangersSessions,
        keepRecordings,
        maxRecordings,
        maxDatabase,
        maxUploads,
        keepErasures);
  }

  public static StorageSettings defaults() {
    return SettingsDefaults.of(StorageSettings.class);
  }
}
