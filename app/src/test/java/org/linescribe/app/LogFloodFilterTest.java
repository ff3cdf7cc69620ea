package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.support.GenericApplicationContext;

class LogFloodFilterTest {
  private static final long SECOND_NS = 1_000_000_000L;

  private final AtomicLong nowNs = new AtomicLong();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final LoggerContext context = new LoggerContext();
  private Logger log;

  @BeforeEach
  void listen() {
    context.addTurboFilter(new LogFloodFilter(nowNs::get));
    log = context.getLogger("a");
    log.setLevel(Level.INFO);
    lines.setContext(context);
    lines.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(lines);
  }

  private List<String> written() {
    List<String> all = lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    lines.list.clear();
    return all;
  }

  @Test
  void aFloodOfLinesBecomesABurstAndACount() {
    for (int i = 0; i < 10_000; i++) {
      log.info("refused {}", i);
    }
    assertThat(written()).hasSize(LogFloodFilter.BURST_LINES).last().isEqualTo("refused 99");

    nowNs.addAndGet(SECOND_NS);
    for (int i = 0; i < 10_000; i++) {
      log.info("refused {}", i);
    }

    assertThat(written())
        .hasSize(1 + LogFloodFilter.LINES_PER_SECOND)
        .startsWith("9900 lines like the next were held back", "refused 0");
  }

  @Test
  void otherPlacesAreNotSilenced() {
    for (int i = 0; i < 1000; i++) {
      log.info("refused {}", i);
    }
    written();

    log.warn("the disk is full");
    context.getLogger("b").warn("refused {}", 1);

    assertThat(written()).containsExactly("the disk is full", "refused 1");
  }

  @Test
  void aStackTraceCountsAsTheLinesThatItHas() {
    for (int i = 0; i < 1000; i++) {
      log.error("failed {}", i, new IllegalStateException("a bug"));
    }

    assertThat(written()).hasSize(LogFloodFilter.BURST_LINES / LogFloodFilter.LINES_OF_A_TRACE);
  }

  @Test
  void linesOfALevelThatIsOffUseNothingUp() {
    for (int i = 0; i < 1000; i++) {
      log.debug("seen {}", i);
    }
    log.setLevel(Level.DEBUG);
    log.debug("seen {}", "now");

    assertThat(written()).containsExactly("seen now");
  }

  /** As those of a library that writes what it was sent into the format. */
  @Test
  void formatsThatAreMadeAtRunTimeShareABudgetOfTheirLoggerAlone() {
    for (int i = 0; i < 1000; i++) {
      log.info("made of " + i);
    }
    context.getLogger("b").setLevel(Level.INFO);
    context.getLogger("b").info("seen for the first time");

    assertThat(written())
        .hasSize(LogFloodFilter.FORMATS_OF_A_LOGGER + LogFloodFilter.BURST_LINES + 1)
        .last()
        .isEqualTo("seen for the first time");
  }

  @Test
  void everyGatewayHasTheFilter() {
    LoggerContext own = (LoggerContext) LoggerFactory.getILoggerFactory();
    own.getTurboFilterList().removeIf(LogFloodFilter.class::isInstance);
    SpringApplication application = RunningGateway.application();
    ApplicationPreparedEvent prepared =
        new ApplicationPreparedEvent(application, new String[0], new GenericApplicationContext());

    application.getListeners().stream()
        .filter(LogFloodInstaller.class::isInstance)
        .forEach(listener -> ((LogFloodInstaller) listener).onApplicationEvent(prepared));

    assertThat(own.getTurboFilterList()).hasAtLeastOneElementOfType(LogFloodFilter.class);
    own.getTurboFilterList().removeIf(LogFloodFilter.class::isInstance);
  }
}
