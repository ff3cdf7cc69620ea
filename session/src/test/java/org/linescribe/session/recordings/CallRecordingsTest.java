package org.linescribe.session.recordings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.testsupport.Patience;

class CallRecordingsTest {
  private static final Instant AT = Instant.parse("2026-03-01T10:00:00.123Z");
  private static final int HEADER_BYTES = 44;

  @TempDir Path folder;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private CallRecordings recordings;

  @BeforeEach
  void open() {
    recordings = recordings(RecordingFile.ON_DISK);
  }

  private CallRecordings recordings(RecordingFile.Store store) {
    return new CallRecordings(
        new RecordingFolder(folder, store, StorageSettings.defaults()),
        CallRecordingSettings.defaults(),
        meters,
        Clock.fixed(AT, ZoneOffset.UTC));
  }

  private static short[] tone(int samples, int value) {
    short[] pcm = new short[samples];
    Arrays.fill(pcm, (short) value);
    return pcm;
  }

  private static void awaitClosed(CallRecorder recorder) throws InterruptedException {
    recorder.close();
    assertThat(recorder.awaitClosed(Patience.LIMIT)).isTrue();
  }

  /** Samples of a channel of the only recording. */
  private short[] channel(int channel, int channels) throws IOException {
    CallRecordings.Kept kept = recordings.list(Optional.empty(), 10).getFirst();
    byte[] file = Files.readAllBytes(folder.resolve(kept.id() + ".wav"));
    short[] samples = new short[(file.length - HEADER_BYTES) / 2 / channels];
    for (int i = 0; i < samples.length; i++) {
      int at = HEADER_BYTES + (i * channels + channel) * 2;
      samples[i] = (short) (file[at] & 0xFF | file[at + 1] << 8);
    }
    return samples;
  }

  @Test
  void tellsOfARecordingOnceItIsComplete() throws Exception {
    List<CallRecordings.Ready> told = new ArrayList<>();
    recordings.onReady(told::add);
    CallRecorder recorder = recordings.begin(new SessionId("a.b"), 2, 8000);
    recorder.write(0, tone(4000, 1), 0, 4000);
    assertThat(told).isEmpty();
    awaitClosed(recorder);

    assertThat(told).hasSize(1);
    assertThat(told.getFirst().kept().sessionId()).isEqualTo(new SessionId("a.b"));
    assertThat(told.getFirst().shape()).isEqualTo(new AudioShape(8000, 2));
    assertThat(told.getFirst().frames()).isEqualTo(4000);
    recordings(RecordingFile.ON_DISK).onReady(told::add);
    assertThat(told).as("after a restart").hasSize(1);
  }

  @Test
  void tellsAfterARestartOfWhatNobodyCouldBeToldBefore() throws Exception {
    recordings.onReady(
        _ -> {
          throw new IOException("no space for news");
        });
    CallRecorder recorder = recordings.begin(new SessionId("one"), 1, 8000);
    recorder.write(0, tone(800, 1), 0, 800);
    awaitClosed(recorder);
    List<CallRecordings.Ready> told = new ArrayList<>();

    recordings(RecordingFile.ON_DISK).onReady(told::add);

    assertThat(told).extracting(CallRecordings.Ready::frames).containsExactly(800L);
  }

  @Test
  void anErasedRecordingIsToldToNobody() throws Exception {
    recordings.onReady(
        _ -> {
          throw new IOException("no space for news");
        });
    awaitClosed(recordings.begin(new SessionId("one"), 1, 8000));
    RecordingFolder files =
        new RecordingFolder(folder, RecordingFile.ON_DISK, StorageSettings.defaults());
    assertThat(files.erase(new SessionId("one"), Instant.MAX)).isEqualTo(1);

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void putsEachLegOnItsChannelAtItsTime() throws Exception {
    CallRecorder recorder = recordings.begin(new SessionId("a.b"), 2, 8000);
    recorder.write(0, tone(4000, 1), 0, 4000);
    recorder.skip(1, 2000);
    recorder.write(1, tone(3000, 2), 0, 3000);
    awaitClosed(recorder);

    assertThat(channel(0, 2)).hasSize(5000).startsWith(tone(4000, 1)).endsWith(tone(1000, 0));
    assertThat(channel(1, 2)).startsWith(tone(2000, 0)).endsWith(tone(3000, 2));
    CallRecordings.Kept kept = recordings.list(Optional.empty(), 10).getFirst();
    assertThat(kept.sessionId()).isEqualTo(new SessionId("a.b"));
    assertThat(kept.startedAt()).isEqualTo(AT);
    assertThat(recordings.list(Optional.of(new SessionId("other")), 10)).isEmpty();
    assertThat(recordings.find(kept.id())).contains(kept);
  }

  @Test
  void aPauseIsSilenceOfItsLength() throws Exception {
    CallRecorder recorder = recordings.begin(new SessionId("one"), 1, 8000);
    recorder.write(0, tone(100, 1), 0, 100);
    recorder.pause(true);
    recorder.write(0, tone(50, 9), 0, 50);
    recorder.pause(false);
    recorder.write(0, tone(100, 2), 0, 100);
    awaitClosed(recorder);

    assertThat(channel(0, 1))
        .hasSize(250)
        .startsWith(tone(100, 1))
        .endsWith(tone(100, 2))
        .doesNotContain((short) 9);
  }

  /** A disk that hangs costs audio, never the call's thread nor the timeline. */
  @Test
  void whatTheDiskIsTooSlowForIsSilenceAndCounted() throws Exception {
    CountDownLatch disk = new CountDownLatch(1);
    recordings = recordings(new SlowStore(disk));
    CallRecorder recorder = recordings.begin(new SessionId("one"), 1, 8000);
    int pieces = 3000;
    for (int i = 0; i < pieces; i++) {
      recorder.write(0, tone(160, 1), 0, 160);
    }
    assertThat(meters.counter("linescribe.recording.dropped.samples").count()).isPositive();
    disk.countDown();
    recorder.skip(0, 160);
    awaitClosed(recorder);

    assertThat(channel(0, 1)).hasSize((pieces + 1) * 160);
  }

  /** Waits before its first write. */
  private record SlowStore(CountDownLatch disk) implements RecordingFile.Store {
    @Override
    public RecordingFile create(Path path, AudioShape shape) throws IOException {
      RecordingFile file = RecordingFile.ON_DISK.create(path, shape);
      return new RecordingFile() {
        @Override
        public void append(short[] samples, int frames) throws IOException {
          try {
            disk.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          file.append(samples, frames);
        }

        @Override
        public long frames() {
          return file.frames();
        }

        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    }

    @Override
    public RecordingFile reopen(Path path) throws IOException {
      return RecordingFile.ON_DISK.reopen(path);
    }
  }

  @Test
  void findsNothingOutsideItsFolder() throws Exception {
    for (String id : new String[] {"../x_1234567890123", "x", "a/b_1234567890123", ""}) {
      assertThat(recordings.find(id)).as(id).isEmpty();
    }
    assertThat(recordings.list(Optional.empty(), 10)).isEmpty();
  }

  @Test
  void deletesOne() throws Exception {
    CallRecorder recorder = recordings.begin(new SessionId("one"), 1, 8000);
    awaitClosed(recorder);
    CallRecordings.Kept kept = recordings.list(Optional.empty(), 10).getFirst();

    recordings.delete(kept);

    assertThat(recordings.find(kept.id())).isEmpty();
    assertThatThrownBy(() -> new AudioShape(8000, 9)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLegThatStandsStillHoldsTheOtherUpForFiveSecondsOnly() {
    CallTimeline timeline = new CallTimeline(2, 5 * 8000);
    timeline.write(0, tone(8000, 1));
    assertThat(timeline.ready()).isZero();
    timeline.skip(0, 8L * 8000);
    assertThat(timeline.ready()).isEqualTo(4 * 8000);

    short[] out = timeline.take(4 * 8000);
    assertThat(out[0]).isEqualTo((short) 1);
    assertThat(out[1]).isZero();
    // What the slow leg brings for the time that is gone is dropped; the rest has its place.
    timeline.write(1, tone(5 * 8000, 2));
    assertThat(timeline.ready()).isEqualTo(8000);
    assertThat(timeline.take(8000)[1]).isEqualTo((short) 2);
    assertThat(timeline.left()).isEqualTo(4 * 8000);
  }
}
