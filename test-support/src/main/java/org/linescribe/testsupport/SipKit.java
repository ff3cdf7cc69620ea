package org.linescribe.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;

/**
 * Real SIP peers by the scripts of {@code test-calls/sip-kit}, each run with ports and a work
 * folder of its own. A test that places calls needs {@link Tool#SIPP} and {@link Tool#PYTHON}.
 */
public final class SipKit {
  private static final int FIRST_PORT = 10_000;
  private static final int LAST_PORT = 30_000;

  /** Begins anywhere, as other builds may run on this machine. */
  private static int nextBase = FIRST_PORT + 2 * ThreadLocalRandom.current().nextInt(10_000);

  /** SIPp's own status for it. */
  private static final int PORT_BUSY = 254;

  private static final int PORT_TRIES = 5;

  private final Path work;

  public SipKit(Path work) {
    this.work = work;
  }

  /** The path of one of the kit's scripts, for a command line. */
  public static String script(String name) {
    return ProjectFiles.sipKit().resolve("bin").resolve(name).toString();
  }

  /** A finished process. */
  public record Run(int status, String output) {}

  /** One run of {@code call.sh}. */
  public Run call(
      String scenario, InetSocketAddress gateway, Map<String, String> environment, String... more) {
    List<String> command = new ArrayList<>();
    command.add(script("call.sh"));
    command.add(scenario);
    command.add("127.0.0.1:" + gateway.getPort());
    command.addAll(List.of(more));
    Run run;
    int attempt = 0;
    do {
      // Another program may take a port between the look and SIPp's start.
      Map<String, String> all = new HashMap<>();
      all.put("SIP_PORT", Integer.toString(freeBase(1)));
      all.put("MEDIA_PORT", Integer.toString(freeBase(8)));
      all.put("LIMIT_S", "120");
      all.putAll(environment);
      run = run(command, all, 240);
    } while (run.status() == PORT_BUSY && ++attempt < PORT_TRIES);
    return run;
  }

  public Run run(List<String> command, Map<String, String> environment, int limitS) {
    try {
      Path output = Files.createTempFile(work, "run", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().put("SIPKIT_WORK", work.toString());
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(limitS, TimeUnit.SECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
      String text = Files.readString(output, StandardCharsets.ISO_8859_1);
      return new Run(ended ? process.exitValue() : 137, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * An even port with {@code count} free UDP ports from it on, below the ephemeral range. No two
   * callers get the same: a peer binds its ports long after they were chosen.
   */
  public static synchronized int freeBase(int count) {
    for (int attempt = 0; attempt < 2000; attempt++) {
      if (nextBase + count > LAST_PORT) {
        nextBase = FIRST_PORT;
      }
      int base = nextBase;
      nextBase += count + (count & 1);
      if (areFree(base, count)) {
        return base;
      }
    }
    throw new IllegalStateException("no free ports");
  }

  /**
   * Makes a recording known to the scenarios, in both laws, with a pause at its end.
   *
   * @param wav 16-bit PCM, mono, 8 kHz
   * @param pauseMs silence after the last word, so that its end is recognised before the call's
   */
  public void record(String name, Path wav, int pauseMs) throws IOException {
    short[] pcm = Pcm16Wav.samples(wav);
    short[] padded = Arrays.copyOf(pcm, pcm.length + pauseMs * 8);
    Path audio = Files.createDirectories(work.resolve("audio"));
    Files.write(audio.resolve(name + ".ulaw"), coded(padded, ReferenceG711::ulaw));
    Files.write(audio.resolve(name + ".alaw"), coded(padded, ReferenceG711::alaw));
  }

  private static byte[] coded(short[] pcm, IntUnaryOperator law) {
    byte[] codes = new byte[pcm.length];
    for (int i = 0; i < pcm.length; i++) {
      codes[i] = (byte) law.applyAsInt(pcm[i]);
    }
    return codes;
  }

  /** Begins a program that goes on until it is closed. */
  public Background begin(List<String> command) throws IOException {
    Path output = Files.createTempFile(work, "background", ".txt");
    return new Background(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  /** A program that runs beside the test. */
  public record Background(Process process, Path output) implements AutoCloseable {
    /** Asks it to end, and returns what it said. */
    public String end() throws IOException {
      process.destroy();
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
      }
      return Files.readString(output, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /**
   * Whether nobody has a UDP port. Looks without binding it, so that the program that is waited for
   * never meets the question on its own port.
   */
  public static boolean isFree(int port) throws IOException {
    String local = ":%04X ".formatted(port);
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net/udp"))) {
      return sockets.noneMatch(
          line -> line.stripLeading().matches("\\d+: [0-9A-F]{8}" + local + ".*"));
    }
  }

  private static boolean areFree(int base, int count) {
    for (int port = base; port < base + count; port++) {
      try (DatagramSocket probe =
          new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
        if (!probe.isBound()) {
          return false;
        }
      } catch (SocketException e) {
        return false;
      }
    }
    return true;
  }
}
