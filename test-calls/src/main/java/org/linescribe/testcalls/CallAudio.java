package org.linescribe.testcalls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resample.Resampler;
import org.linescribe.media.wav.WavReader;

/**
 * A recording as sent: G.711 at 8 kHz in frames of 20 ms, the last one padded with silence.
 *
 * <p>Read from WAV (16-bit PCM or G.711, 8 or 16 kHz, channels mixed to one) or from headerless
 * G.711 ({@code .ulaw}, {@code .alaw}). Thread: any; immutable.
 */
public final class CallAudio {
  /** Bytes, which are samples, of a frame of 20 ms. */
  public static final int FRAME_BYTES = 160;

  private static final int MAX_SECONDS = 4 * 3600;

  private final G711Law law;
  private final byte[] codes;
  private final int samples;
  private final List<SpeechSpan> speech;

  private CallAudio(G711Law law, byte[] codes, int samples, List<SpeechSpan> speech) {
    this.law = law;
    this.codes = codes;
    this.samples = samples;
    this.speech = speech;
  }

  /**
   * @throws IOException the file cannot be read or has an unsupported format; the message names
   *     file and reason
   */
  public static CallAudio read(Path file, G711Law law) throws IOException {
    short[] pcm8k = pcm8k(file);
    if (pcm8k.length == 0) {
      throw new IOException(file + ": no audio in it");
    }
    return of(pcm8k, law);
  }

  /**
   * @param pcm8k mono, 16-bit, 8 kHz
   */
  public static CallAudio of(short[] pcm8k, G711Law law) {
    int frames = (pcm8k.length + FRAME_BYTES - 1) / FRAME_BYTES;
    byte[] codes = new byte[frames * FRAME_BYTES];
    Arrays.fill(codes, (byte) law.idleCode());
    law.encode(pcm8k, 0, pcm8k.length, codes, 0);
    return new CallAudio(law, codes, pcm8k.length, SpeechSpan.find(pcm8k));
  }

  public G711Law law() {
    return law;
  }

  public int frames() {
    return codes.length / FRAME_BYTES;
  }

  public int durationMs() {
    return samples / 8;
  }

  /** The spans of speech. */
  public List<SpeechSpan> speech() {
    return speech;
  }

  /** Copies a frame to {@code dst}. */
  public void frame(int index, byte[] dst, int offset) {
    System.arraycopy(codes, index * FRAME_BYTES, dst, offset, FRAME_BYTES);
  }

  /**
   * What is said in a recording, mono, 16-bit, 8 kHz.
   *
   * @throws IOException as {@link #read}
   */
  public static short[] pcm8k(Path file) throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".ulaw") || name.endsWith(".ul")) {
      return decode(Files.readAllBytes(file), G711Law.PCMU);
    }
    if (name.endsWith(".alaw") || name.endsWith(".al")) {
      return decode(Files.readAllBytes(file), G711Law.PCMA);
    }
    try (WavReader reader = WavReader.open(file)) {
      int rateHz = reader.format().sampleRateHz();
      if (rateHz != 8000 && rateHz != 16000) {
        throw new IOException(
            rateHz + " Hz (expected: 8000 or 16000); convert it: sox IN.wav -r 8000 OUT.wav");
      }
      short[] mono = reader.readAllMono(MAX_SECONDS * rateHz);
      return rateHz == 8000 ? mono : halve(mono);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static short[] decode(byte[] codes, G711Law law) {
    short[] pcm = new short[codes.length];
    law.decode(codes, 0, codes.length, pcm, 0);
    return pcm;
  }

  private static short[] halve(short[] pcm16k) {
    short[] pcm8k = new short[(pcm16k.length + 1) / 2];
    Resampler.telephony(16_000, 8000).process(pcm16k, 0, pcm16k.length, pcm8k, 0);
    return pcm8k;
  }
}
