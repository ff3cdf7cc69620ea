package org.linescribe.gateway.call;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.linescribe.gateway.rtp.Announcement;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.Route;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.resample.Resampler;
import org.linescribe.media.wav.WavException;
import org.linescribe.media.wav.WavReader;

/**
 * The announcements that the settings name, read once at the start.
 *
 * <p>Thread: any; immutable.
 */
final class Announcements {
  private static final int MAX_S = 120;
  private static final int MAX_RATE_HZ = 48_000;
  private static final String EXPECTED =
      "a WAV file that can be read, 16-bit PCM or G.711, of at most " + MAX_S + " s";

  private final Map<String, Announcement> byFile = new HashMap<>();
  private final String byDefault;

  /**
   * @throws IllegalArgumentException naming the key and the file that cannot be used
   */
  Announcements(CallSettings calls, LineSettings line) {
    byDefault = calls.announcement().equals(Route.NO_ANNOUNCEMENT) ? "" : calls.announcement();
    read("linescribe.call.announcement", byDefault);
    for (Route route : line.routes()) {
      read("linescribe.line.routes.announcement", route.announcementOr(""));
    }
  }

  /** What a call by this rule is told first. */
  Optional<Announcement> of(Route route) {
    return Optional.ofNullable(byFile.get(route.announcementOr(byDefault)));
  }

  private void read(String key, String file) {
    if (file.isEmpty() || byFile.containsKey(file)) {
      return;
    }
    try (WavReader reader = WavReader.open(Path.of(file))) {
      byFile.put(file, new Announcement(at8Khz(reader)));
    } catch (NoSuchFileException e) {
      throw unusable(key, file, "there is no such file", e);
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(key, file, String.valueOf(e.getMessage()), e);
    }
  }

  private static IllegalArgumentException unusable(
      String key, String file, String why, Exception e) {
    return new IllegalArgumentException(
        key + ": '" + file + "' (expected: " + EXPECTED + "): " + why, e);
  }

  private static short[] at8Khz(WavReader reader) throws IOException {
    int rateHz = reader.format().sampleRateHz();
    if (rateHz < AudioCodec.SAMPLE_RATE_HZ || rateHz > MAX_RATE_HZ) {
      throw new IllegalArgumentException(rateHz + " Hz (expected: 8000 to " + MAX_RATE_HZ + ")");
    }
    short[] mono;
    try {
      mono = reader.readAllMono(MAX_S * rateHz);
    } catch (WavException e) {
      if (e.defect() == WavException.Defect.TOO_LARGE) {
        throw new IllegalArgumentException("it lasts longer than " + MAX_S + " s", e);
      }
      throw e;
    }
    if (mono.length == 0) {
      throw new IllegalArgumentException("it has no audio");
    }
    if (rateHz == AudioCodec.SAMPLE_RATE_HZ) {
      return mono;
    }
    Resampler resampler = new Resampler(rateHz, AudioCodec.SAMPLE_RATE_HZ);
    short[] out = new short[resampler.maxOutput(mono.length) + resampler.maxOutput(0)];
    int written = resampler.process(mono, 0, mono.length, out, 0);
    written += resampler.drain(out, written);
    return Arrays.copyOf(out, written);
  }
}
