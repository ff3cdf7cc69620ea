package org.linescribe.bench.asr;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.jitter.JitterBuffer;
import org.linescribe.media.jitter.JitterSettings;
import org.linescribe.media.jitter.JitterSink;
import org.linescribe.media.jitter.PayloadMap;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;

/**
 * Word errors of recordings whose packets are lost, with silence for what is lost and with
 * concealment: {@code ConcealedWords MODEL SEEDS FOLDER...}, folders of recordings with a manifest.
 * The same packets are lost in both. Packets go through the jitter buffer, the audio to the
 * recogniser as fast as it decodes.
 */
public final class ConcealedWords {
  private static final int RATE_HZ = 8000;
  private static final int PACKET = 160;
  private static final int SILENCE_S = 2;

  /** Mean length of a burst: 3 packets, 60 ms. */
  private static final double BURST_PACKETS = 3;

  private ConcealedWords() {}

  public static void main(String[] args) throws Exception {
    int seeds = Integer.parseInt(args[1]);
    List<RecordedCall> calls = new ArrayList<>();
    for (String folder : Arrays.copyOfRange(args, 2, args.length)) {
      calls.addAll(RecordedCall.find(List.of(Path.of(folder)), null));
    }
    calls.removeIf(call -> call.words() == null);
    ModelSource model = new ModelSource.Named(args[0], Files.createTempDirectory("concealed"));
    try (Recogniser recogniser =
        SherpaRecognisers.open(
            model,
            new SherpaRecognisers.Use(
                SherpaRecognisers.PROVIDER, "", UtteranceSettings.defaults(), false),
            SchedulerSettings.defaults(),
            new SimpleMeterRegistry())) {
      for (double loss : new double[] {0, 0.01, 0.03, 0.05, 0.10}) {
        for (double burst : loss == 0 ? new double[] {1} : new double[] {1, BURST_PACKETS}) {
          int tries = loss == 0 ? 1 : seeds;
          WordErrors silence = WordErrors.NONE;
          WordErrors concealed = WordErrors.NONE;
          for (int seed = 0; seed < tries; seed++) {
            for (int i = 0; i < calls.size(); i++) {
              RecordedCall call = calls.get(i);
              boolean[] lost = lost(call, loss, burst, 1000L * seed + i);
              silence = silence.plus(errors(recogniser, call, lost, false));
              concealed = concealed.plus(errors(recogniser, call, lost, true));
            }
          }
          System.out.printf(
              Locale.ROOT,
              "| %2.0f %% %s | %d | %d (%.1f %%) | %d (%.1f %%) |%n",
              100 * loss,
              burst == 1 ? "single" : "bursts",
              silence.words(),
              silence.errors(),
              100 * silence.rate(),
              concealed.errors(),
              100 * concealed.rate());
        }
      }
    }
  }

  private static short[] samples(RecordedCall call) throws Exception {
    short[] pcm = CallAudio.pcm8k(call.file());
    return Arrays.copyOf(pcm, (pcm.length / PACKET + 1) * PACKET + SILENCE_S * RATE_HZ);
  }

  /** Gilbert's model: in a burst all is lost. */
  private static boolean[] lost(RecordedCall call, double loss, double burst, long seed)
      throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] lost = new boolean[samples(call).length / PACKET];
    double end = 1 / burst;
    double begin = loss == 0 ? 0 : loss * end / (1 - loss);
    boolean isIn = false;
    for (int i = 1; i < lost.length; i++) {
      isIn = isIn ? random.nextDouble() >= end : random.nextDouble() < begin;
      lost[i] = isIn;
    }
    return lost;
  }

  private static WordErrors errors(
      Recogniser recogniser, RecordedCall call, boolean[] lost, boolean conceal) throws Exception {
    return WordErrors.between(
        call.words(), text(recogniser, received(samples(call), lost, conceal)));
  }

  /** The timeline of the call that lost these packets. */
  private static short[] received(short[] said, boolean[] lost, boolean conceal) {
    short[] heard = new short[said.length];
    int[] length = {0};
    JitterSink sink =
        new JitterSink() {
          @Override
          public void onAudio(AudioCodec codec, short[] pcm, int samples) {
            System.arraycopy(pcm, 0, heard, length[0], samples);
            length[0] += samples;
          }

          @Override
          public void onSilence(long samples) {
            length[0] += (int) samples;
          }

          @Override
          public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
            throw new IllegalStateException("no key was pressed");
          }
        };
    JitterSettings defaults = JitterSettings.defaults();
    JitterBuffer jitter =
        new JitterBuffer(
            new JitterSettings(
                defaults.reorderWait(),
                defaults.silencePatience(),
                defaults.stallPatience(),
                conceal),
            PayloadMap.standard(101),
            sink);
    jitter.begin(0);
    RtpPacket packet = new RtpPacket();
    byte[] codes = new byte[PACKET];
    for (int i = 0; i < lost.length; i++) {
      long nowNs = i * 20_000_000L;
      if (!lost[i]) {
        G711Law.PCMU.encode(said, i * PACKET, PACKET, codes, 0);
        ByteBuf datagram = Unpooled.buffer();
        RtpPacket.write(datagram, false, 0, i, (long) i * PACKET, 7, codes, 0, PACKET);
        packet.parse(datagram);
        jitter.offer(packet, nowNs);
      }
      jitter.tick(nowNs);
    }
    jitter.finish((lost.length - 1) * 20_000_000L);
    return Arrays.copyOf(heard, length[0]);
  }

  private static String text(Recogniser recogniser, short[] pcm) throws Exception {
    LegAudio leg = new LegAudio(RATE_HZ);
    LegReader reader = leg.reader(0, () -> {});
    Finals finals = new Finals();
    try (RecogniserStream stream = recogniser.open(reader, StreamOptions.defaults(), finals)) {
      for (int at = 0; at + PACKET <= pcm.length; at += PACKET) {
        leg.append(pcm, at, PACKET, System.nanoTime());
        leg.forgetBefore(reader.held());
      }
      stream.flush().toCompletableFuture().get(2, TimeUnit.MINUTES);
    }
    return finals.text();
  }
}
