package org.linescribe.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;

/** One session and its newest source. */
public final class FakeSession implements SessionSource {
  final SessionId id;
  final Instant startedAt = Instant.parse("2026-01-01T00:00:00Z");
  final List<Segment> segments = new CopyOnWriteArrayList<>();
  final List<FakeSubscription> readers = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<String> ends = new ConcurrentLinkedQueue<>();
  private final List<short[]> audio = new ArrayList<>();
  volatile @Nullable SourceListener listener;
  volatile @Nullable SourceRequest request;
  private volatile String text = "";
  private int spaceSamples = Integer.MAX_VALUE;
  private int flushes;
  volatile boolean opened;
  private volatile boolean findsLanguage;
  private volatile boolean wasElsewhere;
  volatile @Nullable String endReason;
  private @Nullable RuntimeException failNextWrite;

  FakeSession(SessionId id) {
    this.id = id;
  }

  @Override
  public SessionId sessionId() {
    return id;
  }

  @Override
  public synchronized int write(int leg, short[] pcm, int offset, int offered) {
    if (failNextWrite != null) {
      RuntimeException thrown = failNextWrite;
      failNextWrite = null;
      throw thrown;
    }
    int samples = Math.min(offered, spaceSamples);
    spaceSamples -= samples;
    audio.add(Arrays.copyOfRange(pcm, offset, offset + samples));
    return samples;
  }

  @Override
  public void skip(int leg, int samples) {}

  /** The model cannot be told a language. */
  public void findsLanguage() {
    findsLanguage = true;
  }

  /** Another node has the session until its next source opens here. */
  public void movesAway() {
    wasElsewhere = true;
  }

  @Override
  public boolean continuesHere() {
    boolean here = !wasElsewhere;
    wasElsewhere = false;
    return here;
  }

  @Override
  public Optional<String> language() {
    SourceRequest asked = request;
    return asked == null || findsLanguage ? Optional.empty() : asked.recognition().language();
  }

  @Override
  public List<String> unserved() {
    return findsLanguage ? List.of("language: could not be told") : List.of();
  }

  @Override
  public TranscriptEvent.Partial current(int leg) {
    return partialOf(text);
  }

  @Override
  public synchronized CompletionStage<Void> flush() {
    flushes++;
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<Void> end(String reason) {
    ends.add(reason);
    listener = null;
    return CompletableFuture.completedStage(null);
  }

  /** The recogniser has this text now. */
  public void hears(String heard) {
    text = heard;
    announce(partialOf(heard));
  }

  /** The utterance ended. */
  public void ends(String heard) {
    ends(heard, Optional.empty());
  }

  /** The utterance ended, in a language that the model found. */
  public void ends(String heard, Optional<String> language) {
    text = "";
    Segment segment =
        new Segment(
            id,
            segments.size() + 1L,
            "caller",
            heard,
            segments.size() * 1000L,
            segments.size() * 1000L + 900,
            List.of(new Token(heard, segments.size() * 1000L, Double.NaN)),
            "fake",
            startedAt.plusSeconds(segments.size()),
            Optional.empty(),
            language);
    segments.add(segment);
    announce(new TranscriptEvent.Final(segment));
  }

  /** The session lets its source go. */
  public void closes(SourceClosed reason) {
    SourceListener to = listener;
    listener = null;
    if (to != null) {
      to.onClosed(reason);
    }
  }

  /** Space for so many samples and no more. */
  public synchronized void space(int samples) {
    spaceSamples = samples;
  }

  /** Reports space again, as the real queue does. */
  public void writable(int samples) {
    space(samples);
    SourceListener to = listener;
    if (to != null) {
      to.onWritable();
    }
  }

  public synchronized void failNextWrite(RuntimeException thrown) {
    failNextWrite = thrown;
  }

  public synchronized int samples() {
    return audio.stream().mapToInt(part -> part.length).sum();
  }

  public synchronized short[] audio() {
    short[] all = new short[samples()];
    int at = 0;
    for (short[] part : audio) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  public synchronized int flushes() {
    return flushes;
  }

  public List<String> ends() {
    return List.copyOf(ends);
  }

  public @Nullable SourceRequest request() {
    return request;
  }

  public int readers() {
    return readers.size();
  }

  /** The session ended before its readers came. */
  public void ended(String reason) {
    opened = true;
    endReason = reason;
  }

  /** A caller pressed a key. */
  public void pressed(char digit) {
    announce(new TranscriptEvent.Dtmf(id, segments.size() + 1L, "caller", digit, 4100));
  }

  /** Tells the readers that the source went away. */
  public void announceEnd(String reason) {
    announce(new TranscriptEvent.Ended(id, segments.size() + 1L, reason));
  }

  TranscriptEvent.Partial partialOf(String heard) {
    return new TranscriptEvent.Partial(
        id, segments.size() + 1L, "caller", heard, 0, 100, Double.NaN);
  }

  void announce(TranscriptEvent event) {
    SourceListener to = listener;
    if (to != null && !(event instanceof TranscriptEvent.Ended)) {
      to.onEvent(event);
    }
    readers.forEach(reader -> reader.offer(event));
  }

  /** Replays what is there, then what comes, on a thread of its own. */
  static final class FakeSubscription implements Sessions.Subscription {
    private final LinkedBlockingQueue<TranscriptEvent> events = new LinkedBlockingQueue<>();
    private final FakeSession session;
    private final Thread thread;

    FakeSubscription(FakeSession session, long fromSeq, TranscriptReader reader) {
      this.session = session;
      session.segments.stream()
          .filter(segment -> segment.seq() >= fromSeq)
          .forEach(segment -> events.add(new TranscriptEvent.Final(segment)));
      session.readers.add(this);
      thread = Thread.ofVirtual().start(() -> tell(reader));
    }

    private void offer(TranscriptEvent event) {
      events.add(event);
    }

    private void tell(TranscriptReader reader) {
      try {
        while (true) {
          reader.onEvent(events.take());
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      session.readers.remove(this);
      thread.interrupt();
    }
  }
}
