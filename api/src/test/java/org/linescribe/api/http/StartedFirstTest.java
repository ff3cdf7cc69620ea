package org.linescribe.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** What is done before anybody is served: erasures first, then the webhooks of what is left. */
class StartedFirstTest {
  @Test
  void isDoneInItsOrderAndBeforeTheWebServerStarts() {
    List<String> done = new ArrayList<>();
    StartedFirst erasures = new StartedFirst(0, () -> done.add("erasures"));
    StartedFirst webhooks = new StartedFirst(1, () -> done.add("webhooks"));
    try (GenericApplicationContext context = new GenericApplicationContext()) {
      context.registerBean("webhooks", StartedFirst.class, () -> webhooks);
      context.registerBean("erasures", StartedFirst.class, () -> erasures);

      context.refresh();

      assertThat(done).containsExactly("erasures", "webhooks");
    }
    assertThat(new StartedFirst(1000, () -> {}).getPhase())
        .isLessThan(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE);
  }
}
