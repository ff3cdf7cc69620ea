package org.linescribe.bench.strangers;

import static org.linescribe.bench.strangers.Measuring.SECOND_NS;
import static org.linescribe.bench.strangers.Measuring.cpu;
import static org.linescribe.bench.strangers.Measuring.goodCalls;
import static org.linescribe.bench.strangers.Measuring.idlePerSecond;
import static org.linescribe.bench.strangers.Measuring.pace;
import static org.linescribe.bench.strangers.Measuring.row;
import static org.linescribe.bench.strangers.Measuring.setup;
import static org.linescribe.bench.strangers.Measuring.sip;
import static org.linescribe.bench.strangers.Measuring.sleep;
import static org.linescribe.bench.strangers.Measuring.warmUp;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.linescribe.bench.load.GatewayProcess;
import org.linescribe.bench.strangers.Measuring.Work;

/**
 * Prints what strangers cost a gateway, as rows of a Markdown table: the reflection of one INVITE,
 * the processor time of long and of many requests and the set-up time of good calls meanwhile, the
 * processor time of calls that say nothing, and the log lines that a message causes.
 *
 * <p>{@code -Dstrangers=REGEX} chooses among reflection, long, options, one-address, addresses,
 * forged, held, silent, unanswered, log and cancelled.
 *
 * <p>Arguments: the command that runs the program ({@code serve} is appended), so that versions can
 * be compared: {@code java -jar app/target/linescribe.jar}. Each stranger has a loopback address of
 * its own, as on Linux. Processor time is that of the process from {@code /proc}, all threads, less
 * what it used while idle.
 */
public final class StrangerCost {
  private static final int IDLE_CALLS = 88;

  private final List<String> program;

  private StrangerCost(List<String> program) {
    this.program = program;
  }

  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      System.err.println(
          "StrangerCost COMMAND… (for example: java -jar app/target/linescribe.jar)");
      System.exit(2);
    }
    StrangerCost cost = new StrangerCost(List.of(args));
    run("reflection", cost::reflection);
    run("long", cost::longRequests);
    run("options", cost::manyOptions);
    run("one-address", () -> cost.unacknowledged("one address", 1));
    run("addresses", () -> cost.unacknowledged("20 addresses", 20));
    run("forged", () -> cost.unacknowledged("250 addresses", 250));
    run("held", () -> cost.idleCalls("held (a=inactive)", IdleCall.HELD));
    run("silent", () -> cost.idleCalls("silent", IdleCall.SILENT));
    run("unanswered", () -> cost.idleCalls("never acknowledged", IdleCall.UNACKNOWLEDGED));
    run("log", () -> cost.with(StrangerLog::ofMessages));
    run("cancelled", () -> cost.with(StrangerLog::ofCancelled));
  }

  private static void run(String name, Work scenario) throws Exception {
    if (name.matches(System.getProperty("strangers", ".*"))) {
      scenario.run();
    }
  }

  private interface Scenario {
    void run(GatewayProcess gateway) throws Exception;
  }

  private void with(Scenario scenario) throws Exception {
    try (GatewayProcess gateway = start()) {
      scenario.run(gateway);
    }
  }

  private GatewayProcess start() throws IOException {
    Path data = Files.createTempDirectory("stranger-cost");
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of("serve", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0"));
    command.addAll(List.of("--rtp-ports", "0", "--model", "telephony-digits-en"));
    command.addAll(List.of("--data", data.toString()));
    return GatewayProcess.start(command, data.resolve("log"));
  }

  /** Entry 10: RTP to a host that an INVITE without an ACK names. */
  private void reflection() throws Exception {
    try (GatewayProcess gateway = start();
        SipStranger stranger = new SipStranger("127.0.0.3", sip(gateway));
        SipStranger own = new SipStranger("127.0.0.4", sip(gateway));
        DatagramSocket victim = new DatagramSocket(0, InetAddress.getByName("127.0.0.9"))) {
      String invite =
          stranger.request(
              "INVITE", SipStranger.offer("127.0.0.9", victim.getLocalPort(), "0", "sendrecv"));
      String ownInvite = own.request("INVITE", own.offer());
      stranger.send(invite);
      own.send(ownInvite);
      long untilNs = System.nanoTime() + 36 * SECOND_NS;
      Received[] ours = new Received[1];
      Thread other = Thread.ofVirtual().start(() -> ours[0] = Received.of(own.media(), untilNs));
      Received theirs = Received.of(victim, untilNs);
      other.join();
      row(
          "10: INVITE of %d bytes without ACK, media to another host".formatted(invite.length()),
          "%d packets, %d bytes: ×%d",
          theirs.packets(),
          theirs.bytes(),
          theirs.bytes() / invite.length());
      row(
          "10: the same, media to the caller's own host",
          "%d packets, %d bytes: ×%d",
          ours[0].packets(),
          ours[0].bytes(),
          ours[0].bytes() / ownInvite.length());
    }
  }

  /** Datagrams at a socket up to a time, with what IPv4 and UDP add to each. */
  private record Received(int packets, long bytes) {
    private static final int HEADERS = 28;

    static Received of(DatagramSocket socket, long untilNs) {
      int packets = 0;
      long bytes = 0;
      DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
      try {
        for (long leftNs = untilNs - System.nanoTime();
            leftNs > 0;
            leftNs = untilNs - System.nanoTime()) {
          socket.setSoTimeout((int) Math.max(1, leftNs / 1_000_000));
          packet.setLength(2000);
          socket.receive(packet);
          packets++;
          bytes += packet.getLength() + HEADERS;
        }
      } catch (SocketTimeoutException end) {
        return new Received(packets, bytes);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      return new Received(packets, bytes);
    }
  }

  /** Entry 11: requests whose headers have thousands of values. */
  private void longRequests() throws Exception {
    try (GatewayProcess gateway = start();
        SipStranger stranger = new SipStranger("127.0.0.3", sip(gateway))) {
      warmUp(gateway);
      double idle = idlePerSecond(gateway);
      longRequest(gateway, stranger, idle, "2,200 Vias", "Via: ", "SIP/2.0/UDP h;branch=1", 2200);
      longRequest(gateway, stranger, idle, "4,000 Routes", "Route: ", "<sip:a>", 4000);
    }
  }

  private static void longRequest(
      GatewayProcess gateway,
      SipStranger stranger,
      double idle,
      String name,
      String header,
      String value,
      int values)
      throws Exception {
    String line = header + String.join(",", Collections.nCopies(values, value)) + "\r\n";
    Work hundred =
        () -> {
          for (int i = 0; i < 100; i++) {
            String call = stranger.freshCall();
            stranger.send(stranger.request("OPTIONS", call, 1, "", line, ""));
            stranger.receive(1000);
          }
        };
    hundred.run();
    double cpu = cpu(gateway, idle, hundred);
    List<Double> setups = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    Thread good = Thread.ofPlatform().start(() -> goodCalls(gateway, over, setups));
    pace(
        30,
        10,
        i -> stranger.send(stranger.request("OPTIONS", stranger.freshCall(), 1, "", line, "")));
    over.set(true);
    good.join();
    row(
        "11: OPTIONS with " + name,
        "%.2f ms of processor time; 30 a second beside good calls: %s",
        cpu / 100 * 1000,
        setup(setups));
  }

  /** Entry 11: ordinary OPTIONS. */
  private void manyOptions() throws Exception {
    for (int addresses : new int[] {30, 1}) {
      try (GatewayProcess gateway = start();
          Crowd crowd = new Crowd(addresses, sip(gateway))) {
        warmUp(gateway);
        double idle = idlePerSecond(gateway);
        crowd.readAnswers();
        double cpu =
            cpu(
                gateway,
                idle,
                () -> {
                  pace(3000, 10, i -> crowd.sendFrom(i, one -> one.request("OPTIONS", "")));
                  sleep(0.5);
                });
        long answered = crowd.answered();
        List<Double> setups = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        Thread good = Thread.ofPlatform().start(() -> goodCalls(gateway, over, setups));
        pace(3000, 10, i -> crowd.sendFrom(i, one -> one.request("OPTIONS", "")));
        over.set(true);
        good.join();
        row(
            "11: 3,000 OPTIONS/s from " + (addresses == 1 ? "one address" : "30 addresses"),
            "%.0f µs of processor time each, %.0f %% answered; good calls: %s",
            cpu / 30_000 * 1e6,
            answered / 300.0,
            setup(setups));
      }
    }
  }

  /** Entry 11: 200 INVITE a second that nobody acknowledges. */
  private void unacknowledged(String name, int addresses) throws Exception {
    try (GatewayProcess gateway = start();
        Crowd crowd = new Crowd(addresses, sip(gateway))) {
      warmUp(gateway);
      double idle = idlePerSecond(gateway);
      List<Double> setups = new ArrayList<>();
      AtomicBoolean over = new AtomicBoolean();
      Thread good = Thread.ofPlatform().start(() -> goodCalls(gateway, over, setups));
      double cpu =
          cpu(
              gateway,
              idle,
              () ->
                  pace(200, 10, i -> crowd.sendFrom(i, one -> one.request("INVITE", one.offer()))));
      over.set(true);
      good.join();
      row(
          "11: 200 INVITE/s without ACK from " + name,
          "%.2f ms of processor time each, that of the good calls with it; good calls: %s",
          cpu / 2000 * 1000,
          setup(setups));
    }
  }

  private enum IdleCall {
    HELD,
    SILENT,
    UNACKNOWLEDGED
  }

  /** Entry 12: calls on which nobody speaks. */
  private void idleCalls(String name, IdleCall kind) throws Exception {
    try (GatewayProcess gateway = start();
        SipStranger stranger = new SipStranger("127.0.0.3", sip(gateway));
        SipStranger good = new SipStranger("127.0.0.1", sip(gateway))) {
      warmUp(gateway);
      double idle = idlePerSecond(gateway);
      int open = 0;
      for (int i = 0; i < IDLE_CALLS; i++) {
        Optional<SipStranger.Dialog> call =
            kind == IdleCall.UNACKNOWLEDGED ? stranger.callWithoutAck() : stranger.call();
        open += call.isPresent() ? 1 : 0;
        if (call.isPresent() && kind == IdleCall.HELD) {
          stranger.hold(call.get());
        }
      }
      sleep(2);
      double cpu = cpu(gateway, idle, () -> sleep(12)) / 12;
      boolean served = good.call().isPresent();
      row(
          "12: %d calls, %s".formatted(open, name),
          "%.3f %% of a core each; the next call is %s",
          cpu / open * 100,
          served ? "served" : "refused");
    }
  }
}
