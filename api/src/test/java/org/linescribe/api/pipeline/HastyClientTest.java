package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;

/** Clients that send all they have as fast as they can, and close at once. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HastyClientTest {
  private static final int CLIENTS = 4;
  private static final int RECORDINGS = 3;

  @TempDir private static Path data;

  @Test
  void whoClosesAtOnceLosesNoWord() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<String> words = new ArrayList<>();
    for (HumanCall call : HumanCall.all().subList(0, RECORDINGS)) {
      all.writeBytes(call.g711(G711Law.PCMU));
      words.addAll(call.words());
    }
    // The recogniser's queue holds less than a client sends.
    try (RealGateway gateway = new RealGateway(data, Map.of(), SchedulerSettings.defaults());
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      // All are there before any sends: a recogniser that is behind refuses who comes then.
      List<WebSocketClient> open = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        open.add(
            WebSocketClient.connect(
                gateway.server().ws("/ws/transcribe/hasty-" + i + "?codec=pcmu")));
      }
      await().until(() -> gateway.pipeline().openSources() == CLIENTS);
      List<Future<?>> sent = new ArrayList<>();
      for (WebSocketClient client : open) {
        sent.add(clients.submit(() -> send(client, all.toByteArray())));
      }
      for (Future<?> one : sent) {
        one.get();
      }
      for (int i = 0; i < CLIENTS; i++) {
        String id = "hasty-" + i;
        await().until(() -> gateway.hasEnded(id));
        assertThat(gateway.text(id).split(" ")).hasSize(words.size()).endsWith(words.getLast());
      }
    }
  }

  private static void send(WebSocketClient client, byte[] speech) {
    try (client) {
      for (int at = 0; at < speech.length; at += 8000) {
        client.send(Arrays.copyOfRange(speech, at, Math.min(speech.length, at + 8000)));
      }
    }
  }
}
