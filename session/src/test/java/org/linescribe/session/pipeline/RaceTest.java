package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.linescribe.testsupport.Patience;

/** Seeded stress: sources that race for one session, readers that come, go and are slow. */
class RaceTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final long SEED = Long.getLong("linescribe.seed", 20261120L);

  @TempDir private Path data;
  private EmbeddedPipeline node;

  @BeforeEach
  void build() {
    node = new EmbeddedPipeline(data, settings -> settings.readerQueue = 16);
    node.clock.runFree();
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void racingSourcesLeaveNumbersWithoutGapAndEveryAnnouncedWordOnce() throws Exception {
    Random random = new Random(SEED);
    List<CapturingListener> received = new ArrayList<>();
    try (ExecutorService sources = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        CapturingListener mine = new CapturingListener();
        received.add(mine);
        int firstWord = 1 + i * 100;
        int words = 1 + random.nextInt(12);
        boolean ends = random.nextBoolean();
        running.add(
            sources.submit(
                () -> {
                  SessionSource source = node.sessions.open(SourceRequest.of(ID, "test"), mine);
                  for (int w = 0; w < words && mine.closed.isEmpty(); w++) {
                    short[] pcm =
                        CodedSpeech.join(
                            CodedSpeech.words(firstWord + w), CodedSpeech.silence(w % 3 * 400));
                    source.write(0, pcm, 0, pcm.length);
                  }
                  if (ends) {
                    source.end("bye").toCompletableFuture().join();
                  }
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    node.sessions.drain(Patience.LIMIT);

    List<Segment> stored = node.sessions.segments(ID, 1, 1000);
    assertThat(stored)
        .as("seed %d", SEED)
        .extracting(Segment::seq)
        .containsExactly(LongStream.rangeClosed(1, stored.size()).boxed().toArray(Long[]::new));
    List<Segment> announced =
        received.stream()
            .flatMap(h -> h.finals().stream())
            .sorted(java.util.Comparator.comparingLong(Segment::seq))
            .toList();
    assertThat(announced).as("seed %d", SEED).isEqualTo(stored);
    for (CapturingListener one : received) {
      assertThat(one.finals())
          .as("seed %d", SEED)
          .extracting(Segment::text)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void readersThatComeLateReconnectAndDawdleReadEverythingOnceInOrder() throws Exception {
    Random random = new Random(SEED);
    int utterances = 120;
    List<Wanderer> wanderers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      wanderers.add(new Wanderer(random.nextLong()));
    }
    wanderers.subList(0, 6).forEach(Wanderer::come);
    SessionSource source =
        node.sessions.open(SourceRequest.of(ID, "test"), new CapturingListener());
    for (int word = 1; word <= utterances; word++) {
      Speaker.say(source, CodedSpeech.words(word, word + 1000));
      source.flush().toCompletableFuture().join();
      if (word == 60) {
        wanderers.subList(6, 12).forEach(Wanderer::come);
      }
    }
    source.end("bye").toCompletableFuture().join();

    Long[] all = LongStream.rangeClosed(1, utterances).boxed().toArray(Long[]::new);
    for (Wanderer wanderer : wanderers) {
      await()
          .untilAsserted(() -> assertThat(wanderer.read).as("seed %d", SEED).containsExactly(all));
    }
  }

  /** Reads a few finals, goes away in mid event, comes back at the next number. */
  private final class Wanderer implements TranscriptReader {
    private final List<Long> read = java.util.Collections.synchronizedList(new ArrayList<>());
    private final Random random;
    private Sessions.Subscription subscription;

    private Wanderer(long seed) {
      random = new Random(seed);
    }

    private synchronized void come() {
      subscription = node.sessions.subscribe(ID, read.size() + 1, this);
    }

    @Override
    public synchronized void onEvent(TranscriptEvent event) {
      if (event instanceof TranscriptEvent.Final) {
        read.add(event.seq());
        if (random.nextInt(10) == 0) {
          subscription.close();
          come();
        } else if (random.nextInt(5) == 0) {
          java.util.concurrent.locks.LockSupport.parkNanos(20_000_000L);
        }
      }
    }

    @Override
    public void onFailure(Exception failure) {
      throw new AssertionError(failure);
    }
  }
}
