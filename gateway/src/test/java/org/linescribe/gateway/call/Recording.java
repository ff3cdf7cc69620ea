package org.linescribe.gateway.call;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Participant;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

/** One source's audio at {@link RecordingSessionsFake}. */
final class Recording implements SessionSource {
  final SourceRequest request;
  final SourceListener listener;
  final boolean openedOnVirtualThread;
  private final int capacitySamples;
  private final Map<String, String> described = new HashMap<>();
  private final List<Timeline> timelines = new ArrayList<>();
  private final Map<Integer, Participant> participants = new HashMap<>();
  private int accepted;
  private int skipped;
  private int skips;
  private int flushes;
  private @Nullable String endReason;
  volatile @Nullable RuntimeException audioBug;

  Recording(SourceRequest request, SourceListener listener, boolean virtual, int capacitySamples) {
    this.request = request;
    this.listener = listener;
    this.openedOnVirtualThread = virtual;
    this.capacitySamples = capacitySamples;
    request.legs().forEach(leg -> timelines.add(new Timeline()));
  }

  /** Legs that were added, by name and where they began. */
  final List<String> added = new CopyOnWriteArrayList<>();

  volatile boolean refusesLegs;

  /** Runs before an attribute is taken, with its key. */
  volatile Consumer<String> whenDescribed = key -> {};

  @Override
  public synchronized OptionalInt addLeg(SourceRequest.Leg leg, long atSamples) {
    if (refusesLegs) {
      return OptionalInt.empty();
    }
    added.add(leg.name() + "@" + atSamples);
    timelines.add(new Timeline());
    leg.participant().ifPresent(who -> participants.put(timelines.size() - 1, who));
    return OptionalInt.of(timelines.size() - 1);
  }

  /** One leg's audio. */
  private static final class Timeline {
    short[] samples = new short[8000];
    int length;

    void grow(int count) {
      if (length + count > samples.length) {
        samples = Arrays.copyOf(samples, Math.max(samples.length * 2, length + count));
      }
    }
  }

  @Override
  public synchronized void participant(int leg, Participant participant) {
    participants.put(leg, participant);
  }

  /** Who speaks on a leg, by its participant's text; empty where nobody is named. */
  synchronized String participant(int leg) {
    Participant changed = participants.get(leg);
    return changed != null
        ? changed.text()
        : leg >= request.legs().size()
            ? ""
            : request.legs().get(leg).participant().map(Participant::text).orElse("");
  }

  final List<String> keys = new CopyOnWriteArrayList<>();

  @Override
  public void dtmf(int leg, char digit, long atSamples) {
    keys.add(digit + "@" + atSamples / 8);
  }

  private final List<String> marks = new CopyOnWriteArrayList<>();

  @Override
  public void mark(int leg, long atSamples, String text) {
    marks.add(text);
  }

  /** The moments that were marked, in order. */
  List<String> marks() {
    return List.copyOf(marks);
  }

  /** The keys that were pressed, in order. */
  String digits() {
    StringBuilder digits = new StringBuilder();
    keys.forEach(key -> digits.append(key.charAt(0)));
    return digits.toString();
  }

  /** What the request said, and what was learnt after it. */
  synchronized Map<String, String> attributes() {
    Map<String, String> all = new HashMap<>(request.attributes());
    all.putAll(described);
    return all;
  }

  @Override
  public void describe(String key, String value) {
    whenDescribed.accept(key);
    described(key, value);
  }

  private synchronized void described(String key, String value) {
    described.put(key, value);
  }

  @Override
  public SessionId sessionId() {
    return request.sessionId();
  }

  @Override
  public synchronized int write(int leg, short[] pcm, int offset, int offered) {
    throwBug();
    if (endReason != null) {
      return 0;
    }
    int count = Math.min(offered, capacitySamples - accepted);
    Timeline timeline = timelines.get(leg);
    timeline.grow(count);
    System.arraycopy(pcm, offset, timeline.samples, timeline.length, count);
    timeline.length += count;
    accepted += count;
    return count;
  }

  @Override
  public synchronized void skip(int leg, int count) {
    throwBug();
    timelines.get(leg).grow(count);
    timelines.get(leg).length += count;
    skipped += count;
    skips++;
  }

  private void throwBug() {
    if (audioBug != null) {
      throw audioBug;
    }
  }

  @Override
  public TranscriptEvent.Partial current(int leg) {
    return new TranscriptEvent.Partial(sessionId(), 1, "caller", "", 0, 0, Double.NaN);
  }

  @Override
  public synchronized CompletionStage<Void> flush() {
    flushes++;
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<Void> end(String reason) {
    if (endReason == null) {
      endReason = reason;
    }
    return CompletableFuture.completedFuture(null);
  }

  synchronized @Nullable String endReason() {
    return endReason;
  }

  synchronized short[] timeline() {
    return timeline(0);
  }

  synchronized short[] timeline(int leg) {
    return Arrays.copyOf(timelines.get(leg).samples, timelines.get(leg).length);
  }

  synchronized int acceptedSamples() {
    return accepted;
  }

  synchronized int skips() {
    return skips;
  }

  synchronized int skippedSamples() {
    return skipped;
  }

  synchronized int flushes() {
    return flushes;
  }
}
