package org.linescribe.session.pipeline;

import java.time.Duration;
import org.linescribe.session.SessionSettings;

/**
 * The defaults, but for the time that an end may take: a machine that others load must not make a
 * test lose an utterance. A test changes what it is about.
 */
final class PatientSettings {
  int maxSources = SessionSettings.defaults().maxSources();
  Duration flushTime = Duration.ofSeconds(60);
  Duration replayTime = SessionSettings.defaults().replayTime();
  long outboxBytes = SessionSettings.defaults().outboxBytes();
  int readerQueue = SessionSettings.defaults().readerQueue();

  SessionSettings settings() {
    SessionSettings d = SessionSettings.defaults();
    return new SessionSettings(
        maxSources,
        d.maxLegs(),
        d.idleTime(),
        d.maxLength(),
        d.endpointSilence(),
        d.partialTtl(),
        d.storeBound(),
        flushTime,
        replayTime,
        outboxBytes,
        readerQueue);
  }
}
