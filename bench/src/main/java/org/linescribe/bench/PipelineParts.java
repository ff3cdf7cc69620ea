package org.linescribe.bench;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.WordQuery;
import org.linescribe.session.lease.InProcessSourceLease;
import org.linescribe.session.live.InProcessLiveTranscript;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.StoreWrite;

/** A pipeline whose recogniser and store cost nothing: what is measured is what lies between. */
final class PipelineParts {
  private PipelineParts() {}

  static SessionPipeline pipeline(Recogniser recogniser, Path outbox) {
    return SessionPipeline.builder()
        .recogniser("bench", recogniser)
        .stores(
            new SessionStores(
                new ForgetfulStore(),
                outbox,
                Optional.empty(),
                new InProcessLiveTranscript(Clock.systemUTC(), Duration.ofSeconds(60)),
                new InProcessSourceLease(),
                Optional.empty()))
        .build();
  }

  /** Reads its leg's audio a chunk at a time and says what its owner tells it to say. */
  static final class QuietRecogniser implements Recogniser {
    private final short[] chunk;
    RecogniserListener listener;
    long samplesRead;

    /**
     * @param chunkSamples that it reads at once
     */
    QuietRecogniser(int chunkSamples) {
      chunk = new short[chunkSamples];
    }

    @Override
    public RecogniserInfo info() {
      return new RecogniserInfo("bench", "bench", "en", 16_000);
    }

    @Override
    public RecogniserLoad load() {
      return new RecogniserLoad(1, 0, false);
    }

    @Override
    public RecogniserStream open(LegReader audio, StreamOptions options, RecogniserListener told) {
      listener = told;
      audio.onAudio(
          () -> {
            if (audio.available() >= chunk.length) {
              samplesRead += audio.read(chunk, chunk.length);
              audio.hold(audio.position());
            }
          });
      return new RecogniserStream() {
        @Override
        public CompletionStage<Void> flush() {
          return CompletableFuture.completedStage(null);
        }

        @Override
        public void close() {
          audio.close();
        }
      };
    }

    @Override
    public void close() {}
  }

  private static final class ForgetfulStore implements SegmentStore {
    @Override
    public void write(StoreWrite write) {}

    @Override
    public long lastSeq(SessionId sessionId) {
      return 0;
    }

    @Override
    public Optional<Instant> lastOpening(SessionId sessionId) {
      return Optional.empty();
    }

    @Override
    public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
      return List.of();
    }

    @Override
    public WordQuery.Page find(WordQuery query) {
      throw new UnsupportedOperationException("nobody searches here");
    }

    @Override
    public Optional<SessionRecord> find(SessionId sessionId) {
      return Optional.empty();
    }

    @Override
    public List<SessionRecord> list(SessionQuery query) {
      return List.of();
    }

    @Override
    public int deleteEndedBefore(Instant end, String ownerPrefix, int limit) {
      return 0;
    }

    @Override
    public OptionalLong erase(SessionId sessionId, boolean unended, Instant now) {
      return OptionalLong.empty();
    }

    @Override
    public boolean isReachable() {
      return true;
    }

    @Override
    public void close() {}
  }
}
