package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.jitter.JitterBuffer;
import org.linescribe.media.jitter.JitterSettings;
import org.linescribe.media.jitter.JitterSink;
import org.linescribe.media.jitter.PayloadMap;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.testsupport.HumanRecording;

/**
 * A network that stalls for seconds in the middle of a word and then delivers everything costs no
 * word: real recordings over RTP into the real recogniser, in time that the test makes.
 */
final class StalledWordsTest {
  private static final int FRAME_SAMPLES = 160;
  private static final long FRAME_NS = 20_000_000;

  private static Recogniser recogniser;

  @BeforeAll
  static void load() {
    recogniser = SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry());
  }

  @AfterAll
  static void unload() {
    recogniser.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pin-jackson-1.wav", "phone-theo-1.wav"})
  void aStallInsideAWordCostsNoWord(String name) throws Exception {
    Path file = HumanRecording.folder().resolve(name);
    short[] speech = RecogniserAlone.throughLaw(file, G711Law.PCMU);
    String undisturbed = RecogniserAlone.words(recogniser, delivered(speech, speech.length, 0));
    assertThat(undisturbed).isNotEmpty();

    for (int stallMs : new int[] {1600, 2000, 3000, 5000}) {
      for (int part = 1; part <= 4; part++) {
        int at = loudFrameFrom(speech, speech.length / 5 * part);
        assertThat(RecogniserAlone.words(recogniser, delivered(speech, at, stallMs)))
            .as("a stall of %d ms at %d ms of %s", stallMs, at / 8, name)
            .isEqualTo(undisturbed);
      }
    }
  }

  /** Where the next vowel is: a frame half as loud as the loudest. */
  private static int loudFrameFrom(short[] speech, int sample) {
    double loudest = 0;
    for (int at = 0; at + FRAME_SAMPLES <= speech.length; at += FRAME_SAMPLES) {
      loudest = Math.max(loudest, level(speech, at));
    }
    int at = sample / FRAME_SAMPLES * FRAME_SAMPLES;
    while (level(speech, at) < loudest / 2) {
      at = (at + FRAME_SAMPLES) % (speech.length / FRAME_SAMPLES * FRAME_SAMPLES);
    }
    return at;
  }

  private static double level(short[] speech, int at) {
    double sum = 0;
    for (int i = at; i < at + FRAME_SAMPLES; i++) {
      sum += Math.abs(speech[i]);
    }
    return sum;
  }

  /** The timeline that a call with this speech has when the network stalls at a sample. */
  private static short[] delivered(short[] speech, int stallAt, int stallMs) {
    Timeline timeline = new Timeline();
    JitterBuffer jitter =
        new JitterBuffer(JitterSettings.defaults(), PayloadMap.standard(101), timeline);
    jitter.begin(0);
    RtpPacket packet = new RtpPacket();
    byte[] codes = new byte[FRAME_SAMPLES];
    long stallNs = stallAt / FRAME_SAMPLES * FRAME_NS;
    long nowNs = 0;
    for (int frame = 0; frame < speech.length / FRAME_SAMPLES; frame++) {
      long sentNs = frame * FRAME_NS;
      boolean isHeldBack = sentNs >= stallNs && sentNs < stallNs + stallMs * 1_000_000L;
      long arrivalNs = isHeldBack ? stallNs + stallMs * 1_000_000L : sentNs;
      for (; nowNs < arrivalNs; nowNs += FRAME_NS) {
        jitter.tick(nowNs);
      }
      G711Law.PCMU.encode(speech, frame * FRAME_SAMPLES, FRAME_SAMPLES, codes, 0);
      ByteBuf datagram = Unpooled.buffer();
      RtpPacket.write(
          datagram, frame == 0, 0, frame, (long) frame * FRAME_SAMPLES, 7, codes, 0, codes.length);
      packet.parse(datagram);
      jitter.offer(packet, arrivalNs);
    }
    jitter.finish(nowNs);
    return Arrays.copyOf(timeline.pcm, timeline.samples);
  }

  private static final class Timeline implements JitterSink {
    private final short[] pcm = new short[60 * 8000];
    private int samples;

    @Override
    public void onAudio(AudioCodec codec, short[] heard, int length) {
      System.arraycopy(heard, 0, pcm, samples, length);
      samples += length;
    }

    @Override
    public void onSilence(long silent) {
      samples += (int) silent;
    }
  }
}
