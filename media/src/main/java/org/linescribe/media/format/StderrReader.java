package org.linescribe.media.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a child's messages: its last error, the input's claimed length. Never more than a line is
 * kept.
 *
 * <p>Thread: {@link #run} on its own; the accessors on any.
 */
final class StderrReader implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(StderrReader.class);
  private static final int MAX_LINE_BYTES = 2048;
  private static final int MAX_CLEAN_CHARS = 200;
  private static final Pattern LEVEL =
      Pattern.compile("\\[(panic|fatal|error|warning|info|verbose|debug)] ");
  private static final Pattern POINTER = Pattern.compile(" @ 0x[0-9a-f]+");
  private static final Pattern CONTROL = Pattern.compile("[^\\x20-\\x7e]+");
  private static final Pattern DURATION =
      Pattern.compile("^\\[info]\\s+Duration: (\\d{2,6}):(\\d{2}):(\\d{2})\\.(\\d{2}),");
  private static final Pattern AUDIO =
      Pattern.compile("^\\[info]\\s+Stream #0:\\d+.*?: Audio: (\\w+)");

  private final InputStream stderr;
  private final long pid;
  private volatile String lastError = "";
  private volatile String lastPlain = "";
  private volatile OptionalLong durationMs = OptionalLong.empty();
  private volatile boolean outOfMemory;
  private volatile String codec = "";
  private volatile int sampleRateHz;
  private boolean inOutput;

  StderrReader(InputStream stderr, long pid) {
    this.stderr = stderr;
    this.pid = pid;
  }

  @Override
  public void run() {
    byte[] buffer = new byte[4096];
    byte[] line = new byte[MAX_LINE_BYTES];
    int length = 0;
    try (stderr) {
      int read;
      while ((read = stderr.read(buffer)) >= 0) {
        for (int i = 0; i < read; i++) {
          if (buffer[i] == '\n' || buffer[i] == '\r') {
            take(new String(line, 0, length, StandardCharsets.ISO_8859_1));
            length = 0;
          } else if (length < MAX_LINE_BYTES) {
            line[length++] = buffer[i];
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("ffmpeg {}: its messages are cut off: {}", pid, e.getMessage());
    }
    take(new String(line, 0, length, StandardCharsets.ISO_8859_1));
  }

  private void take(String line) {
    if (line.isBlank()) {
      return;
    }
    Matcher level = LEVEL.matcher(line);
    if (!level.find()) {
      lastPlain = clean(line);
      return;
    }
    switch (level.group(1)) {
      case "info" -> takeInfo(line);
      case "panic", "fatal", "error" -> {
        lastError = clean(level.replaceFirst(""));
        outOfMemory |= line.contains("annot allocate memory");
      }
      default -> {}
    }
    // Tags of the file may stand in here: only where an operator asks for it.
    if (LOG.isTraceEnabled()) {
      LOG.trace("ffmpeg {}: {}", pid, clean(line));
    }
  }

  private void takeInfo(String line) {
    inOutput |= line.startsWith("[info] Output #");
    if (inOutput) {
      return;
    }
    Matcher duration = DURATION.matcher(line);
    if (duration.find() && durationMs.isEmpty()) {
      long seconds =
          Long.parseLong(duration.group(1)) * 3600
              + Long.parseLong(duration.group(2)) * 60
              + Long.parseLong(duration.group(3));
      durationMs = OptionalLong.of(seconds * 1000 + Long.parseLong(duration.group(4)) * 10);
    }
    Matcher audio = AUDIO.matcher(line);
    if (codec.isEmpty() && audio.find()) {
      codec = audio.group(1);
      Matcher rate = Pattern.compile(", (\\d{1,7}) Hz").matcher(line);
      sampleRateHz = rate.find() ? Integer.parseInt(rate.group(1)) : 0;
    }
  }

  /** The last error, or the last line that FFmpeg's log did not write (the loader, the shell). */
  String lastError() {
    return lastError.isEmpty() ? lastPlain : lastError;
  }

  boolean outOfMemory() {
    return outOfMemory;
  }

  OptionalLong durationMs() {
    return durationMs;
  }

  String codec() {
    return codec;
  }

  int sampleRateHz() {
    return sampleRateHz;
  }

  /** Printable ASCII, without addresses, at most 200 characters. */
  static String clean(String text) {
    String plain = CONTROL.matcher(POINTER.matcher(text).replaceAll("")).replaceAll("?").strip();
    return plain.length() <= MAX_CLEAN_CHARS ? plain : plain.substring(0, MAX_CLEAN_CHARS) + "…";
  }
}
