package org.linescribe.asr;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives every {@code await()} of this module two minutes instead of ten seconds: a wait ends as
 * soon as it succeeds, and a busy machine may take its time. Found by JUnit as a service.
 */
public final class PatientAwaiting implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(2));
  }
}
