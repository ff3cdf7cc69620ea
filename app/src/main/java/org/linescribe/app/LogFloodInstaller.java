package org.linescribe.app;

import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.ApplicationListener;

/** Bounds the log once Spring Boot has configured it. */
final class LogFloodInstaller implements ApplicationListener<ApplicationPreparedEvent> {
  @Override
  public void onApplicationEvent(ApplicationPreparedEvent prepared) {
    LogFloodFilter.install();
  }
}
