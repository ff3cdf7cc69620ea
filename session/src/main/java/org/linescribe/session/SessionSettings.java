package org.linescribe.session;

import java.time.Duration;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** The limits of the sessions on this node. */
@SettingsGroup("linescribe.session")
public record SessionSettings(
    @Setting("Sources open at once; more are refused (503, 1013).")
        @Default("500")
        @Range("1 to 100000")
        int maxSources,
    @Setting("Legs of one source.") @Default("8") @Range("1 to 64") int maxLegs,
    @Setting("A source without audio is closed after this long.") @Default("5m") @Range("1s to 24h")
        Duration idleTime,
    @Setting("The longest source.") @Default("4h") @Range("1s to 168h") Duration maxLength,
    @Setting("Silence after speech that ends an utterance where the source asks for none.")
        @Default("800ms")
        @Range("100ms to 10s")
        Duration endpointSilence,
    @Setting("How long a partial stays current when nothing follows it.")
        @Default("60s")
        @Range("1s to 1h")
        Duration partialTtl,
    @Setting("How long the database may take for a final before it goes to the outbox.")
        @Default("250ms")
        @Range("10ms to 10s")
        Duration storeBound,
    @Setting("How long the end of a source waits for its open utterances.")
        @Default("5s")
        @Range("100ms to 60s")
        Duration flushTime,
    @Setting(
            "Audio of an open utterance that is kept to decode it again should the recogniser"
                + " fail.")
        @Default("60s")
        @Range("5s to 10m")
        Duration replayTime,
    @Setting("Bound on the outbox's files, in bytes.") @Default("1073741824") @Range("1MB to 1TB")
        long outboxBytes,
    @Setting("Live events that wait for a slow reader.") @Default("256") @Range("16 to 65536")
        int readerQueue) {
  public SessionSettings {
    SettingsCheck.ranges(
        SessionSettings.class,
        maxSources,
        maxLegs,
        idleTime,
        maxLength,
        endpointSilence,
        partialTtl,
        storeBound,
        flushTime,
        replayTime,
        outboxBytes,
        readerQueue);
  }

  public static SessionSettings defaults() {
    return SettingsDefaults.of(SessionSettings.class);
  }
}
