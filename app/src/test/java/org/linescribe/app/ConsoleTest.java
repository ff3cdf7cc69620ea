package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.QualitySample;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.SentAudio;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.servers.CuttableProxy;
import tools.jackson.databind.json.JsonMapper;

/** The console in a browser, on the whole program, which asks for keys. */
@NeedsTool(Tool.CHROMIUM)
final class ConsoleTest {
  private static final String MARKUP =
      "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";
  private static final SessionId MARKUP_SESSION = new SessionId("markup");
  private static final SessionId HUGE_SESSION = new SessionId("huge");
  private static final int HUGE = 2500;
  private static final HumanRecording SPOKEN = HumanRecording.named("pin-jackson-1.wav");

  @TempDir static Path folder;
  private static TestGateway gateway;
  private static HttpServer receiver;
  private static FakeRegistrar registrar;

  /** Of the catalogue; the test's server has a fake of it. */
  private static final String PULLED = "sherpa-onnx-lstm-en-2023-02-17";

  private static final CountDownLatch FAKE_MIRROR_GOES_ON = new CountDownLatch(1);
  private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
  private static final AtomicInteger RECEIVER_ANSWERS = new AtomicInteger(500);

  @BeforeAll
  static void start() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(RECEIVER_ANSWERS.get(), -1);
          }
        });
    receiver.setExecutor(THREADS);
    receiver.createContext("/fake-mirror/" + PULLED + ".tar.bz2", ConsoleTest::sendFakeModel);
    receiver.start();
    registrar = new FakeRegistrar();
    List<String> settings = new ArrayList<>(ConsoleBrowser.KEY_SETTINGS);
    settings.addAll(
        List.of(
            "--linescribe.line.strangers=accept",
            "--linescribe.line.trunks[0].name=carrier",
            "--linescribe.line.trunks[0].domains[0]=carrier.example",
            "--linescribe.line.trunks[0].max-calls=7",
            "--linescribe.registration.accounts[0].registrar=" + registrar.uri(),
            "--linescribe.registration.accounts[0].user=100",
            "--linescribe.call.max-calls=42",
            "--linescribe.models.mirror=http://127.0.0.1:"
                + receiver.getAddress().getPort()
                + "/fake-mirror/",
            // Of no session here: what this receiver gets is sent again by hand.
            "--linescribe.webhooks.endpoints[0].owners[0]=nobody",
            "--linescribe.asr.queue-bound=2m",
            "--linescribe.asr.saturation-backlog=2m",
            "--linescribe.session.flush-time=60s"));
    settings.addAll(
        TestGateway.webhook("crm", "http://127.0.0.1:" + receiver.getAddress().getPort()));
    gateway = new TestGateway(folder.resolve("data"), settings.toArray(String[]::new));
    keep(
        MARKUP_SESSION,
        Instant.now().minusSeconds(60),
        Map.of(
            "from", "\"" + MARKUP.replace("\"", "\\\"") + "\" <sip:+4930123456@example.org>;tag=1",
            "to", "<sip:support@example.org>",
            "call_id", "<b>id</b>"),
        List.of(MARKUP + " and\nmore --> text", "the second"));
  }

  @AfterAll
  static void stop() {
    FAKE_MIRROR_GOES_ON.countDown();
    gateway.close();
    receiver.stop(0);
    registrar.close();
    THREADS.close();
  }

  /** Half of an archive, and the rest when the test says so. */
  private static void sendFakeModel(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] archive = fakeModel();
      exchange.sendResponseHeaders(200, archive.length);
      OutputStream out = exchange.getResponseBody();
      out.write(archive, 0, archive.length / 2);
      out.flush();
      FAKE_MIRROR_GOES_ON.await();
      out.write(archive, archive.length / 2, archive.length - archive.length / 2);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** The digits model's files under the names of another model of its kind. */
  private static byte[] fakeModel() throws IOException {
    ModelCatalogue catalogue = ModelCatalogue.bundled();
    ModelDescription digits = catalogue.require(BundledModel.NAME);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new BZip2CompressorOutputStream(bytes))) {
      for (Map.Entry<String, ModelDescription.ModelFile> file :
          catalogue.require(PULLED).files().entrySet()) {
        String name = Objects.requireNonNull(digits.files().get(file.getKey())).name();
        byte[] content = Files.readAllBytes(BundledModel.directory().resolve(name));
        TarArchiveEntry header = new TarArchiveEntry(PULLED + "/" + file.getValue().name(), true);
        header.setSize(content.length);
        tar.putArchiveEntry(header);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  /** Puts a session that has ended into the store. */
  private static void keep(
      SessionId id, Instant startedAt, Map<String, String> attributes, List<String> texts)
      throws SegmentConflictException {
    SegmentStore store = gateway.part(SessionStores.class).store();
    store.write(
        new StoreWrite.Opened(
            id,
            "sip",
            Optional.empty(),
            List.of("caller", "callee"),
            startedAt,
            startedAt,
            attributes));
    for (int i = 0; i < texts.size(); i++) {
      store.write(
          new StoreWrite.Appended(
              new Segment(
                  id,
                  i + 1,
                  i % 2 == 0 ? "caller" : "callee",
                  texts.get(i),
                  i * 1000L,
                  i * 1000L + 900,
                  List.of(),
                  "test",
                  startedAt.plusSeconds(i))));
    }
    store.write(new StoreWrite.Ended(id, startedAt.plusSeconds(texts.size()), "bye"));
  }

  private static ConsoleBrowser browser(String scenario, String... arguments) throws Exception {
    return browser(scenario, "http://" + gateway.http(), arguments);
  }

  private static ConsoleBrowser browserAt(int port, String scenario, String... arguments)
      throws Exception {
    return browser(scenario, "http://127.0.0.1:" + port, arguments);
  }

  private static ConsoleBrowser browser(String scenario, String base, String[] arguments)
      throws Exception {
    return new ConsoleBrowser(SPOKEN, scenario, base, arguments);
  }

  private static List<Segment> segments(String id) {
    return gateway.part(Sessions.class).segments(new SessionId(id), 1, 1000);
  }

  /** A call that lasts until it is hung up, however long the browser takes. */
  static CallAudio minutesOfSpeech(Path folder) throws IOException {
    byte[] once = Files.readAllBytes(ProjectFiles.recorded("card-slt.ulaw"));
    Path minutes = folder.resolve("minutes.ulaw");
    try (OutputStream out = Files.newOutputStream(minutes)) {
      for (int i = 0; i < 30; i++) {
        out.write(once);
      }
    }
    return CallAudio.read(minutes, G711Law.PCMU);
  }

  @Test
  void showsACallWhileItIsSpokenAndLosesNothingByALostLine() throws Exception {
    String id = "console-call";
    CallAudio audio = minutesOfSpeech(folder);
    String sip = gateway.sipUri();
    int port = Integer.parseInt(gateway.http().substring(gateway.http().lastIndexOf(':') + 1));
    try (CuttableProxy line = new CuttableProxy(port);
        ConsoleBrowser browser = browserAt(line.port(), "call", id, sip);
        SipCaller caller = new SipCaller(sip, G711Law.PCMU);
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      browser.await("empty");
      OpenCall call = caller.open(id);
      Future<SentAudio> played = background.submit(() -> call.play(audio, FrameClock.system()));
      browser.await("reading");
      int read = segments(id).size();
      line.cut();
      browser.await("lost");
      await().atMost(Duration.ofMinutes(2)).until(() -> segments(id).size() > read);
      line.mend();
      browser.await("back");
      assertThat(played).isNotDone();
      played.cancel(true);
      call.hangUp();
      browser.await("ended");
      List<Segment> spoken = segments(id);
      browser.goOn(Long.toString(spoken.getLast().seq()));

      assertThat(browser.rest())
          .hasSizeGreaterThan(read)
          .isEqualTo(spoken.stream().map(s -> "row " + s.seq() + " " + s.text()).toList());
    }
  }

  @Test
  void pausesRecordsAndHangsUpACall() throws Exception {
    CallAudio audio = minutesOfSpeech(folder);
    String id = "console-control";
    try (SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU);
        OpenCall call = caller.open(id);
        ConsoleBrowser browser = browser("control");
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<SentAudio> played = background.submit(() -> call.play(audio, FrameClock.system()));
      browser.await("asked");
      assertThat(played).isNotDone();
      browser.goOn();
      assertThat(browser.rest()).isEmpty();
      // Of a call that the peer ends play returns early.
      played.get();
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(gateway.part(CallLog.class).newest(new SessionId(id)))
                    .hasValueSatisfying(
                        record -> assertThat(record.outcome()).isEqualTo("hangup")));
  }

  @Test
  void pagesAreAccessibleInLightAndDarkAndOnAPhone() throws Exception {
    try (ConsoleBrowser browser = browser("pages", MARKUP_SESSION.value(), "support")) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void tellsHowTheLineDoesAndWhatBoundsIt() throws Exception {
    try (ConsoleBrowser browser = browser("system", gateway.sipUri().substring(9))) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void placesATestCallWithItsReport() throws Exception {
    try (ConsoleBrowser browser = browser("testcall")) {
      String id = browser.await("called");
      assertThat(browser.rest()).isEmpty();
      assertThat(segments(id)).isNotEmpty();
    }
  }

  @Test
  void asksForAKeyWhereTheGatewayDoes() throws Exception {
    try (ConsoleBrowser browser = browser("key")) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void sendsAWebhookAgainThatWasGivenUp() throws Exception {
    SessionId id = new SessionId("given-up");
    keep(id, Instant.now(), Map.of(), List.of("refused by the receiver"));
    Path letters = folder.resolve("data/webhooks/crm/dead");
    Files.writeString(
        letters.resolve("msg_given-up.json"),
        """
        {"id": "msg_given-up", "endpoint": "crm", "type": "segment.final", "session_id": "%s",
         "seq": 1, "reason": "status 410", "at": "2026-01-20T10:30:00Z"}
        """
            .formatted(id));
    try (ConsoleBrowser browser = browser("letters")) {
      browser.await("refused");
      RECEIVER_ANSWERS.set(204);
      browser.goOn();
      assertThat(browser.rest()).isEmpty();
    }
    assertThat(letters).isEmptyDirectory();
  }

  @Test
  void makesAndRevokesAKey() throws Exception {
    try (ConsoleBrowser browser = browser("keys")) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void pullsAModelFromAFakeMirrorWithItsProgress() throws Exception {
    try (ConsoleBrowser browser = browser("pull", PULLED)) {
      browser.await("half");
      FAKE_MIRROR_GOES_ON.countDown();
      assertThat(browser.rest()).isEmpty();
    }
    assertThat(folder.resolve("data/models").resolve(PULLED).resolve("tokens.txt")).exists();
  }

  @Test
  void measuresAModel() throws Exception {
    SessionSource call =
        gateway
            .part(Sessions.class)
            .open(
                SourceRequest.of(new SessionId("keeps-the-machine"), "test"), new UnheardSource());
    try (ConsoleBrowser browser = browser("speed", "telephony-digits-en")) {
      browser.await("refused");
      call.end("done").toCompletableFuture().join();
      browser.goOn();
      assertThat(browser.rest()).isEmpty();
    }
  }

  private static final class UnheardSource implements SourceListener {
    @Override
    public void onEvent(TranscriptEvent event) {}

    @Override
    public void onClosed(SourceClosed reason) {}
  }

  @Test
  void showsQualityOverTimeAndMarksAndFindsALanguage() throws Exception {
    SessionId id = new SessionId("spoken-de");
    Instant at = Instant.now().minusSeconds(120);
    SegmentStore store = gateway.part(SessionStores.class).store();
    store.write(
        new StoreWrite.Opened(
            id,
            "sip",
            Optional.empty(),
            List.of("caller"),
            at,
            at,
            Map.of("mark.1500", MARKUP, "from", "<sip:spoken-de@example.org>")));
    String[] texts = {"guten tag", "auf wiedersehen"};
    for (int i = 0; i < texts.length; i++) {
      store.write(
          new StoreWrite.Appended(
              new Segment(
                  id,
                  i + 1,
                  "caller",
                  texts[i],
                  i * 3000L,
                  i * 3000L + 900,
                  List.of(),
                  "test",
                  at.plusSeconds(i),
                  Optional.empty(),
                  Optional.of("de"))));
    }
    store.write(new StoreWrite.Ended(id, at.plusSeconds(20), "bye"));
    gateway
        .part(CallLog.class)
        .keep(
            new CallRecord(
                id,
                "call@host",
                "sip",
                Optional.empty(),
                "sip:spoken-de@example.org",
                "sip:b@example.org",
                "udp",
                at,
                Optional.of(at),
                Optional.empty(),
                at.plusSeconds(20),
                "bye",
                List.of(
                    new LegQuality("caller", "pcmu", 900, 32, 0, 0, 2, 0)
                        .with(
                            List.of(
                                new QualitySample(5000, 0, 1),
                                new QualitySample(10_000, 12.5, 3),
                                new QualitySample(15_000, 0, 1))))));
    try (ConsoleBrowser browser = browser("quality", id.value(), folder.toString())) {
      assertThat(browser.rest()).isEmpty();
    }
    assertThat(folder.resolve("marked.txt"))
        .content()
        .contains("[00:00:00] guten tag\n[00:00:01] * " + MARKUP + "\n[00:00:03] auf");
    assertThat(folder.resolve("marked.srt"))
        .content()
        .contains("2\n00:00:01,500 --> 00:00:03,500\n* " + MARKUP);
    assertThat(folder.resolve("marked.vtt"))
        .content()
        .contains("mark-1500\n00:00:01.500 --> 00:00:03.500\n* &lt;img src=x")
        .doesNotContain("<script>");
    assertThat(
            JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("marked.json")))
                .at("/session/marks/0/text")
                .asString())
        .isEqualTo(MARKUP);
  }

  @Test
  void showsAndExportsMarkupAsText() throws Exception {
    try (ConsoleBrowser browser = browser("markup", MARKUP_SESSION.value(), folder.toString())) {
      assertThat(browser.rest()).isEmpty();
    }
    assertThat(folder.resolve("export.txt")).content().contains("[00:00:00] caller: " + MARKUP);
    assertThat(folder.resolve("export.srt"))
        .content()
        .startsWith("1\n00:00:00,000 --> 00:00:00,900\ncaller: " + MARKUP)
        .contains("and more → text\n\n2\n00:00:01,000 --> 00:00:01,900\ncallee: the second\n");
    assertThat(folder.resolve("export.vtt"))
        .content()
        .startsWith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:00.900\n<v caller>&lt;img src=x")
        .doesNotContain("<script>");
    assertThat(
            JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("export.json")))
                .get("segments")
                .values()
                .stream()
                .map(segment -> segment.get("text").asString()))
        .containsExactly(MARKUP + " and\nmore --> text", "the second");
  }

  @Test
  void drawsPartOfAHugeTranscriptAndTellsWhenItIsDeleted() throws Exception {
    List<String> texts = new ArrayList<>();
    for (int i = 1; i <= HUGE; i++) {
      texts.add(i == HUGE / 2 ? "the needle of it" : "segment number " + i);
    }
    keep(HUGE_SESSION, Instant.parse("2020-02-01T10:00:00Z"), Map.of(), texts);
    SegmentStore store = gateway.part(SessionStores.class).store();
    try (ConsoleBrowser browser = browser("huge", HUGE_SESSION.value(), Integer.toString(HUGE))) {
      browser.await("open");
      assertThat(store.deleteEndedBefore(Instant.parse("2021-01-01T00:00:00Z"), "", 10))
          .isEqualTo(1);
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void transcribesTheMicrophoneAndAFile() throws Exception {
    try (ConsoleBrowser browser = browser("speak", SPOKEN.file().toString())) {
      String id = browser.await("spoken");
      String text = browser.await("text");
      assertThat(browser.rest()).isEmpty();

      assertThat(SPOKEN.errors(text)).isLessThanOrEqualTo(1);
      SessionRecord spoken = gateway.part(Sessions.class).find(new SessionId(id)).orElseThrow();
      assertThat(spoken.attributes()).containsEntry("codec", "pcmu");
      assertThat(segments(id).getFirst().text()).isNotEmpty();
    }
  }
}
