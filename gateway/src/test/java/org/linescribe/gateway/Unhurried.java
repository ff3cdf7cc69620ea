package org.linescribe.gateway;

import java.time.Duration;
import java.util.Map;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.session.SessionSettings;
import org.linescribe.settings.SettingsDefaults;

/**
 * Settings for tests of words: a machine that others load decodes later than the callers speak, and
 * is to refuse or cut nothing for it.
 */
public final class Unhurried {
  private Unhurried() {}

  /** The end of a source waits for its last word as long as the range allows. */
  public static SessionSettings sessions() {
    return SettingsDefaults.of(SessionSettings.class, Map.of("flushTime", Duration.ofSeconds(60)));
  }

  /** A recogniser that is behind refuses neither a call nor its audio, which comes in real time. */
  public static SchedulerSettings recogniser() {
    return SettingsDefaults.of(
        SchedulerSettings.class,
        Map.of("saturationBacklog", Duration.ofMinutes(2), "queueBound", Duration.ofMinutes(2)));
  }
}
