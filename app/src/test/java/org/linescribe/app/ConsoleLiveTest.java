package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.WordDistance;
import org.linescribe.testsupport.servers.CuttableProxy;

/** The console in a browser while people speak. */
@NeedsTool(Tool.CHROMIUM)
final class ConsoleLiveTest {
  private static final HumanRecording CALLER = HumanRecording.named("pin-jackson-1.wav");
  private static final HumanRecording CALLEE = HumanRecording.named("pin-lucas-2.wav");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int BYTES_OF_A_SECOND = 8000;

  @TempDir static Path data;
  private static TestGateway gateway;

  @BeforeAll
  static void start() {
    List<String> settings = new ArrayList<>(ConsoleBrowser.KEY_SETTINGS);
    settings.addAll(List.of(TestGateway.UNHURRIED));
    gateway = new TestGateway(data, settings.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static TwoPartyCall call(String id) {
    return new TwoPartyCall(
        "ws://" + gateway.http() + "/ws/media-streams?access_token=" + ConsoleBrowser.KEY,
        id,
        CALLER,
        CALLEE);
  }

  private static int port() {
    return Integer.parseInt(gateway.http().substring(gateway.http().lastIndexOf(':') + 1));
  }

  private static List<Segment> segments(String id) {
    return gateway.part(Sessions.class).segments(new SessionId(id), 1, 1000);
  }

  /** The number of its last segment. */
  private static long awaitEnd(String id) {
    await().atMost(LIMIT).until(() -> !gateway.part(Sessions.class).isLive(new SessionId(id)));
    return segments(id).getLast().seq();
  }

  private static String line(Segment segment) {
    return segment.seq() + " " + segment.leg() + " " + segment.text();
  }

  private static List<String> told(List<String> lines, String word) {
    return lines.stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }

  @Test
  void tellsStableFromUnstableTextAndTheTwoPartiesApart() throws Exception {
    String id = "two-parties";
    try (ConsoleBrowser browser = new ConsoleBrowser(CALLER, "parties", base(port()), id)) {
      browser.await("empty");
      List<String> told;
      try (TwoPartyCall call = call(id)) {
        told = new ArrayList<>(browser.until("spoken"));
        call.hangUp();
      }
      browser.goOn(Long.toString(awaitEnd(id)));
      told.addAll(browser.rest());
      List<String> kept = segments(id).stream().map(ConsoleLiveTest::line).toList();
      assertThat(told(told, "row")).isEqualTo(kept);
      assertThat(told(told, "card")).isNotEmpty().isSubsetOf(kept);
    }
    for (HumanRecording party : List.of(CALLER, CALLEE)) {
      String leg = party == CALLER ? "caller" : "callee";
      List<Segment> own = segments(id).stream().filter(s -> s.leg().equals(leg)).toList();
      String text = own.stream().map(Segment::text).collect(Collectors.joining(" "));
      int turns = Math.round((float) text.split(" ").length / party.words().split(" ").length);
      assertThat(WordDistance.between(repeated(party.words(), turns), text))
          .as("%s said: %s", leg, text)
          .isLessThanOrEqualTo(turns);
    }
  }

  private static String repeated(String words, int times) {
    return String.join(" ", Collections.nCopies(times, words));
  }

  @Test
  void aLostLineShowsOnTheCardsAndHeals() throws Exception {
    String id = "lost-line";
    try (CuttableProxy proxy = new CuttableProxy(port());
        ConsoleBrowser browser = new ConsoleBrowser(CALLER, "cards", base(proxy.port()))) {
      browser.await("empty");
      try (TwoPartyCall call = call(id)) {
        browser.await("reading");
        int read = segments(id).size();
        proxy.cut();
        browser.await("lost");
        await().atMost(LIMIT).until(() -> segments(id).size() >= read + 4);
        proxy.mend();
        browser.await("back");
        call.hangUp();
      }
      browser.goOn(Long.toString(awaitEnd(id)));
      List<String> kept = segments(id).stream().map(ConsoleLiveTest::line).toList();
      assertThat(told(browser.rest(), "line"))
          .isEqualTo(kept.subList(kept.size() - 3, kept.size()));
    }
  }

  @Test
  void aLostLineUnderTheMicrophoneLosesNothingThatWasSaid() throws Exception {
    int awayBytes = 6 * BYTES_OF_A_SECOND;
    int onTheWayBytes = 2 * BYTES_OF_A_SECOND;
    double before = received();
    try (CuttableProxy proxy = new CuttableProxy(port());
        ConsoleBrowser browser =
            new ConsoleBrowser(
                CALLER,
                "microphone",
                base(proxy.port()),
                Integer.toString(awayBytes),
                Integer.toString(onTheWayBytes))) {
      browser.await("reading");
      // What the proxy has and has not handed on is gone with the line.
      proxy.stall();
      browser.goOn();
      browser.await("stalled");
      proxy.cut();
      browser.await("lost");
      proxy.mend();
      String[] spoken = browser.await("spoken").split(" ");
      browser.goOn(Long.toString(awaitEnd(spoken[1])));

      assertThat(told(browser.rest(), "line"))
          .isEqualTo(segments(spoken[1]).stream().map(s -> s.seq() + " " + s.text()).toList());
      assertThat(received() - before)
          .as("bytes that the gateway has")
          .isEqualTo(Double.parseDouble(spoken[0]));
    }
  }

  @Test
  void aSocketThatStaysSilentUnderTheMicrophoneIsGivenUpAndNothingIsLost() throws Exception {
    double before = received();
    try (ConsoleBrowser browser =
        new ConsoleBrowser(
            CALLER, "silent", base(port()), Integer.toString(3 * BYTES_OF_A_SECOND))) {
      String[] spoken = browser.await("spoken").split(" ");
      browser.goOn(Long.toString(awaitEnd(spoken[1])));
      assertThat(browser.rest()).isEmpty();
      assertThat(received() - before)
          .as("bytes that the gateway has")
          .isEqualTo(Double.parseDouble(spoken[0]));
    }
  }

  private static double received() {
    return gateway
        .part(MeterRegistry.class)
        .counter("linescribe.api.transcribe.audio.bytes")
        .count();
  }

  private static String base(int port) {
    return "http://127.0.0.1:" + port;
  }
}
