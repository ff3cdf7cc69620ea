package org.linescribe.app;

import java.util.Map;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.MapPropertySource;

/**
 * Turns {@code linescribe.log-format} into Spring Boot's settings, before it starts the logging
 * system. A value that is none is refused later, with all settings.
 */
final class LogFormat implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    if ("json".equals(event.getEnvironment().getProperty("linescribe.log-format"))) {
      event
          .getEnvironment()
          .getPropertySources()
          .addFirst(
              new MapPropertySource(
                  "linescribe log format",
                  Map.of(
                      "logging.structured.format.console",
                      "logstash",
                      "logging.structured.json.customizer",
                      JsonLogMembers.class.getName())));
    }
  }

  /** After the files of settings are read. */
  @Override
  public int getOrder() {
    return LoggingApplicationListener.DEFAULT_ORDER - 1;
  }
}
