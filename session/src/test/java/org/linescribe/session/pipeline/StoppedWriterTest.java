package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.say;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.live.InProcessLiveTranscript;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.StoreWrite;

/** A writer whose process stands still between its look at the lease and the database's answer. */
class StoppedWriterTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final LosableLease lease = new LosableLease();
  private final CapturingListener received = new CapturingListener();
  private final CountDownLatch goesOn = new CountDownLatch(1);

  /** Gives no answer to the first final, and another machine has the session meanwhile. */
  private final MemoryStore store =
      new MemoryStore() {
        @Override
        public void write(StoreWrite write) throws SegmentConflictException {
          if (write instanceof StoreWrite.Appended && goesOn.getCount() > 0) {
            lease.lost = true;
            try {
              goesOn.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          super.write(write);
        }
      };

  @Test
  void announcesNoFinalThatOnlyItsOutboxTook() throws Exception {
    CapturingReader reader = new CapturingReader();
    try (CodedRecogniser recogniser = new CodedRecogniser("coded");
        SessionPipeline node =
            SessionPipeline.builder()
                .recogniser("coded", recogniser)
                .settings(new PatientSettings().settings())
                .stores(
                    new SessionStores(
                        store,
                        data.resolve("outbox"),
                        Optional.empty(),
                        new InProcessLiveTranscript(Clock.systemUTC(), Duration.ofMinutes(1)),
                        lease,
                        Optional.empty()))
                .build()) {
      node.subscribe(ID, 1, reader);
      SessionSource source = node.open(SourceRequest.of(ID, "test"), received);
      say(source, CodedSpeech.words(1));
      source.flush();

      await().until(() -> received.closed.equals(List.of(SourceClosed.SUPERSEDED)));
      assertThat(received.finals()).isEmpty();
      assertThat(reader.finalNumbers()).isEmpty();
      goesOn.countDown();
    }
  }
}
