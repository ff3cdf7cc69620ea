package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.CallFailedException;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SentAudio;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testcalls.WordErrors;
import org.linescribe.testsupport.Patience;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code linescribe.call.drain-wait}: two calls are on when the process gets SIGTERM. */
final class DrainProcessTest {
  private static final int SIGTERM_STATUS = 128 + 15;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final List<String> IDS = List.of("drained-1", "drained-2");

  @TempDir Path folder;

  /** On any machine: nothing but what a test does ends a call, and no word is cut. */
  private static String[] settings(String drainWait) {
    List<String> all = new ArrayList<>();
    for (String setting : TestGateway.UNHURRIED) {
      all.addAll(List.of("--set", setting.substring(2)));
    }
    for (String setting :
        List.of(
            "linescribe.call.drain-wait=" + drainWait,
            "linescribe.drain=2m",
            "linescribe.call.keepalive-interval=1h",
            "linescribe.rtp.timeout=10m",
            "linescribe.rtp.jitter-window=500ms")) {
      all.addAll(List.of("--set", setting));
    }
    return all.toArray(String[]::new);
  }

  @Test
  void callsThatAreOnGoOnWithAllTheirWordsAndNewOnesAreRefused() throws Exception {
    List<RecordedCall> before = TestGateway.humanCalls().subList(0, 2);
    List<RecordedCall> after = TestGateway.humanCalls().subList(2, 4);
    Path data = folder.resolve("data");
    try (ServeProcess serve = ServeProcess.startOnFreePorts(data, settings("1h"));
        SipCaller caller = new SipCaller("sip:test@" + serve.sip(), G711Law.PCMU)) {
      try (OpenCall one = caller.open(IDS.get(0));
          OpenCall other = caller.open(IDS.get(1))) {
        List<OpenCall> calls = List.of(one, other);
        play(calls, before);
        assertThat(ready(serve)).isEqualTo(200);

        serve.terminate();

        await().until(() -> ready(serve) == 503);
        CallFailedException refused =
            catchThrowableOfType(CallFailedException.class, () -> caller.open("too-late"));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.retryAfterS()).isPresent();
        play(calls, after);
      }
      assertThat(serve.exitStatus()).as(serve.output()).isEqualTo(SIGTERM_STATUS);
    }
    int mostErrors =
        RecogniserAlone.mostErrors(before, G711Law.PCMU)
            + RecogniserAlone.mostErrors(after, G711Law.PCMU);
    try (ServeProcess again = ServeProcess.startOnFreePorts(data)) {
      int errors = 0;
      for (int i = 0; i < IDS.size(); i++) {
        assertThat(session(again, IDS.get(i)).at("/end_reason").asString()).isEqualTo("bye");
        errors +=
            WordErrors.between(
                    before.get(i).words() + " " + after.get(i).words(), text(again, IDS.get(i)))
                .errors();
      }
      assertThat(errors).isLessThanOrEqualTo(mostErrors);
    }
  }

  @Test
  void whatIsSaidByTheDeadlineIsStoredAndTheCallsGetABye() throws Exception {
    RecordedCall recording = TestGateway.humanCalls().getFirst();
    Path data = folder.resolve("data");
    List<Future<SentAudio>> sent = new ArrayList<>();
    try (ServeProcess serve = ServeProcess.startOnFreePorts(data, settings("1s"));
        SipCaller caller = new SipCaller("sip:test@" + serve.sip(), G711Law.PCMU);
        OpenCall one = caller.open(IDS.get(0));
        OpenCall other = caller.open(IDS.get(1));
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      CallAudio endless = endless(recording);
      for (OpenCall call : List.of(one, other)) {
        sent.add(background.submit(() -> call.play(endless, FrameClock.system())));
      }
      for (String id : IDS) {
        await().until(() -> !text(serve, id).isEmpty());
      }

      serve.terminate();

      assertThat(serve.exitStatus()).as(serve.output()).isEqualTo(SIGTERM_STATUS);
      for (Future<SentAudio> call : sent) {
        assertThat(call.get().isEndedByPeer()).as("BYE came; %s", serve.output()).isTrue();
      }
    }
    try (ServeProcess again = ServeProcess.startOnFreePorts(data)) {
      for (String id : IDS) {
        assertThat(session(again, id).at("/end_reason").asString()).isEqualTo("draining");
        assertThat(text(again, id)).isNotEmpty();
      }
    }
  }

  /** Both at once, to their ends. */
  private static void play(List<OpenCall> calls, List<RecordedCall> recordings) throws Exception {
    List<Future<SentAudio>> sent = new ArrayList<>();
    try (ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < calls.size(); i++) {
        OpenCall call = calls.get(i);
        CallAudio audio = CallAudio.read(recordings.get(i).file(), G711Law.PCMU);
        sent.add(background.submit(() -> call.play(audio, FrameClock.system())));
      }
      for (Future<SentAudio> one : sent) {
        assertThat(one.get().isEndedByPeer()).isFalse();
      }
    }
  }

  /** Longer than the test waits for anything. */
  private static CallAudio endless(RecordedCall recording) throws Exception {
    short[] once = RecogniserAlone.throughLaw(recording.file(), G711Law.PCMU);
    short[] pcm = new short[3 * (int) Patience.LIMIT.toSeconds() * G711Law.SAMPLE_RATE_HZ];
    for (int i = 0; i < pcm.length; i++) {
      pcm[i] = once[i % once.length];
    }
    return CallAudio.of(pcm, G711Law.PCMU);
  }

  private static HttpResponse<String> get(ServeProcess serve, String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://" + serve.http() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int ready(ServeProcess serve) throws Exception {
    return get(serve, "/health/ready").statusCode();
  }

  private static JsonNode session(ServeProcess serve, String id) throws Exception {
    return JsonMapper.shared().readTree(get(serve, "/sessions/" + id).body());
  }

  /** What is stored of a session. */
  private static String text(ServeProcess serve, String id) throws Exception {
    JsonNode segments =
        JsonMapper.shared().readTree(get(serve, "/sessions/" + id + "/segments").body());
    return StreamSupport.stream(segments.at("/segments").spliterator(), false)
        .map(segment -> segment.at("/text").asString())
        .collect(Collectors.joining(" "));
  }
}
