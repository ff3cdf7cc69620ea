package org.linescribe.app.cost;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testcalls.load.GatewayUsage;

/**
 * The processor time and memory of a call without recognition: SIP, RTP both ways, jitter buffer,
 * G.711, hand-over to a fake recogniser that answers nothing, and the session's two store writes.
 *
 * <p>Arguments: calls at once, comma between (1,10,25,50,100,250); seconds of each step (20). The
 * caller runs in this process, the gateway in a child, whose /proc is read.
 */
final class CallCost {
  private static final int RAMP_S = 5;
  private static final int SETTLE_S = 2;

  private CallCost() {}

  public static void main(String[] args) throws Exception {
    String steps = args.length == 0 ? "1,10,25,50,100,250" : args[0];
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    Process gateway = start();
    try (BufferedReader output = gateway.inputReader()) {
      String ready = output.readLine();
      while (ready != null && !ready.startsWith("ready sip=")) {
        ready = output.readLine();
      }
      if (ready == null) {
        throw new IOException("the gateway does not start");
      }
      Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
      System.out.printf(
          "%d processors, JDK %s%n calls   %% of a core   %% per call   MiB   set-up p50, p95 ms  "
              + " failed   load%n",
          Runtime.getRuntime().availableProcessors(), Runtime.version());
      try (SipCaller caller =
          new SipCaller("sip:" + ready.substring("ready sip=".length()), G711Law.PCMU)) {
        // Compiled code first: the first step would pay for it.
        step(caller, gateway.pid(), 20, seconds, false);
        for (int calls : Arrays.stream(steps.split(",")).mapToInt(Integer::parseInt).toArray()) {
          step(caller, gateway.pid(), calls, seconds, true);
        }
      }
    } finally {
      gateway.getOutputStream().close();
      gateway.waitFor(20, TimeUnit.SECONDS);
      gateway.destroyForcibly();
    }
    // The SIP stack's threads would keep the JVM.
    System.exit(0);
  }

  private static Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            SilentGateway.class.getName())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void step(SipCaller caller, long pid, int calls, int seconds, boolean print)
      throws Exception {
    short[] noise = new short[8000 * (RAMP_S + SETTLE_S + seconds + 3)];
    Random random = new Random(1);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (short) (random.nextGaussian() * 1000);
    }
    CallAudio audio = CallAudio.of(noise, G711Law.PCMU);
    GatewayUsage usage = GatewayUsage.of(pid);
    double[] setupMs = new double[calls];
    AtomicInteger failed = new AtomicInteger();
    CountDownLatch answered = new CountDownLatch(calls);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < calls; i++) {
        int number = i;
        threads.execute(
            () -> {
              long askedNs = System.nanoTime();
              try (OpenCall call = caller.open("cost-" + UUID.randomUUID())) {
                setupMs[number] = (System.nanoTime() - askedNs) / 1e6;
                answered.countDown();
                call.play(audio, FrameClock.system());
              } catch (Exception e) {
                failed.incrementAndGet();
                answered.countDown();
              }
            });
        TimeUnit.MILLISECONDS.sleep(RAMP_S * 1000L / calls);
      }
      answered.await();
      TimeUnit.SECONDS.sleep(SETTLE_S);
      double beforeS = usage.cpuSeconds();
      long beganNs = System.nanoTime();
      TimeUnit.SECONDS.sleep(seconds);
      double cores = (usage.cpuSeconds() - beforeS) / ((System.nanoTime() - beganNs) / 1e9);
      if (print) {
        Arrays.sort(setupMs);
        System.out.printf(
            "%6d   %11.2f   %10.3f   %3.0f   %8.0f, %6.0f   %6d   %s%n",
            calls,
            100 * cores,
            100 * cores / calls,
            usage.residentMiB(),
            setupMs[(calls - 1) / 2],
            setupMs[(int) Math.ceil(0.95 * calls) - 1],
            failed.get(),
            Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
      }
    }
  }
}
