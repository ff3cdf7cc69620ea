package org.linescribe.gateway.rtp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.codec.AudioEncoder;

/**
 * Audio that calls are told: encoded once for each codec that a call wants it in, and shared by all
 * calls. Encoding has a thread of its own, because an event loop would stop for it.
 *
 * <p>Thread: any.
 */
public final class Announcement {
  /** 20 ms: the only packet of Opus that is sent; the others are cut at any sample. */
  private static final int FRAME_SAMPLES = 160;

  private final short[] pcm;
  private final Function<AudioCodec, AudioEncoder> encoders;
  private final Map<AudioCodec, CompletableFuture<List<byte[]>>> encoded =
      new ConcurrentHashMap<>();

  /**
   * @param pcm mono, 16-bit, at 8 kHz; not empty
   */
  public Announcement(short[] pcm) {
    this(pcm, AudioCodec::newEncoder);
  }

  Announcement(short[] pcm, Function<AudioCodec, AudioEncoder> encoders) {
    if (pcm.length == 0) {
      throw new IllegalArgumentException("announcement: 0 samples (expected: at least one)");
    }
    int frames = (pcm.length + FRAME_SAMPLES - 1) / FRAME_SAMPLES;
    this.encoders = encoders;
    this.pcm = Arrays.copyOf(pcm, frames * FRAME_SAMPLES);
  }

  /** Its length at 8 kHz, a multiple of 20 ms. */
  public int samples() {
    return pcm.length;
  }

  /**
   * The payload of a packet; what is beyond the end is silence.
   *
   * @param from first sample
   * @param samples of the packet, a length that {@link AudioCodec#hasSilenceOf}
   * @return empty while it is being encoded
   * @throws java.util.concurrent.CompletionException when it cannot be encoded
   */
  Optional<byte[]> payload(AudioCodec codec, int from, int samples) {
    CompletableFuture<List<byte[]>> frames = encoded(codec);
    if (frames.isCompletedExceptionally()) {
      // Ends this call; the next one tries again.
      encoded.remove(codec, frames);
    }
    return frames.isDone()
        ? Optional.of(payload(frames.join(), codec, from, samples))
        : Optional.empty();
  }

  private static byte[] payload(List<byte[]> frames, AudioCodec codec, int from, int samples) {
    if (codec == AudioCodec.OPUS) {
      int index = from / FRAME_SAMPLES;
      return index < frames.size() ? frames.get(index) : codec.silence(samples);
    }
    byte[] payload = codec.silence(samples);
    int sampleBytes = payload.length / samples;
    for (int done = 0; done < samples; ) {
      int frame = (from + done) / FRAME_SAMPLES;
      int within = (from + done) % FRAME_SAMPLES;
      int count = Math.min(samples - done, FRAME_SAMPLES - within);
      if (frame < frames.size()) {
        System.arraycopy(
            frames.get(frame),
            within * sampleBytes,
            payload,
            done * sampleBytes,
            count * sampleBytes);
      }
      done += count;
    }
    return payload;
  }

  private CompletableFuture<List<byte[]>> encoded(AudioCodec codec) {
    return encoded.computeIfAbsent(
        codec,
        wanted -> {
          CompletableFuture<List<byte[]>> frames = new CompletableFuture<>();
          Thread.ofPlatform()
              .daemon()
              .name("linescribe-announcement")
              .start(() -> frames.completeAsync(() -> encode(wanted), Runnable::run));
          return frames;
        });
  }

  private List<byte[]> encode(AudioCodec codec) {
    AudioEncoder encoder = encoders.apply(codec);
    List<byte[]> frames = new ArrayList<>(pcm.length / FRAME_SAMPLES);
    for (int from = 0; from < pcm.length; from += FRAME_SAMPLES) {
      frames.add(encoder.encode(pcm, from, FRAME_SAMPLES));
    }
    return frames;
  }
}
