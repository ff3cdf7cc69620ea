package org.linescribe.gateway.call;

import static org.linescribe.gateway.call.CalledGateway.control;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.codec.AudioEncoder;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.settings.SettingsDefaults;

/**
 * One long call in real time against the whole pipeline, as a program: {@code LongCall MINUTES
 * SEED}. Every minute has a hold, a change from PCMU to PCMA, to G.722 and back, three bursts of
 * lost packets, and another SSRC; packets are up to 10 ms late. The recording shows where each
 * second of what was said stands; memory is printed every minute.
 *
 * <p>On a machine that others load packets leave late as well. That is told beside each second that
 * stands elsewhere: the timeline is that of the packets that came.
 */
final class LongCall implements AutoCloseable {
  private static final int FRAME = 160;
  private static final long FRAME_NS = 20_000_000L;
  private static final long JITTER_NS = 10_000_000L;
  private static final int MINUTE_FRAMES = 3000;
  private static final int WAV_HEADER_BYTES = 44;

  private static final int SECOND = 8000;

  /** Where a second is looked for: 250 ms around its place. */
  private static final int REACH = 2000;

  /** Less is another sound of the same voice. */
  private static final double LEAST_CORRELATION = 0.9;

  /** What the place of a second may differ by. */
  private static final int BOUND_MS = 20;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final SessionId session = new SessionId("long-call");
  private final short[] speech = Speech.samples("speech");
  private final Random random;
  private final Path folder;
  private final RealSessions real;
  private final Sessions sessions;
  private final CallRecordings recordings;
  private final SipGateway gateway;
  private final PriorityQueue<Due> line = new PriorityQueue<>(Comparator.comparingLong(Due::ns));
  private volatile AudioCodec codec = AudioCodec.PCMU;
  private volatile boolean held;
  private final AtomicInteger renegotiations = new AtomicInteger();

  /** By second: by how much its latest packet left too late. */
  private final long[] lateNs;

  /** A packet, when it leaves, and the second that it is of. */
  private record Due(long ns, byte[] packet, int second) {}

  private LongCall(int minutes, long seed, Path data) throws Exception {
    random = new Random(seed);
    lateNs = new long[minutes * 60];
    folder = Files.createDirectories(data.resolve("calls"));
    real = RealSessions.byDefault(data, registry);
    sessions = real.sessions();
    recordings =
        new CallRecordings(
            new RecordingFolder(folder, RecordingFile.ON_DISK, StorageSettings.defaults()),
            SettingsDefaults.of(CallRecordingSettings.class, Map.of("calls", true)),
            registry,
            Clock.systemUTC());
    gateway =
        new SipGateway(
                SipSettings.on("127.0.0.1:0"),
                RtpSettings.on("0"),
                CallSettings.defaults(),
                sessions,
                registry,
                Clock.systemUTC())
            .recordings(recordings);
    gateway.start();
  }

  public static void main(String[] args) throws Exception {
    int minutes = Integer.parseInt(args[0]);
    try (LongCall call =
        new LongCall(minutes, Long.parseLong(args[1]), Files.createTempDirectory("long-call"))) {
      call.warmUp();
      call.talk(minutes);
      call.judge(minutes);
    }
  }

  /** A call of two seconds: a program that has only begun sends its first packets late. */
  private void warmUp() throws Exception {
    try (RawSipPeer peer = new RawSipPeer(gateway.udpAddress())) {
      int port = peer.call("").audioPort();
      long startNs = System.nanoTime();
      for (int frame = 0; frame < 100; frame++) {
        peer.rtp(port, frame, FRAME * frame, 7, (byte) 0x90);
        LockSupport.parkNanos(startNs + (frame + 1) * FRAME_NS - System.nanoTime());
      }
      peer.exchange("BYE", "", "");
    }
  }

  private void talk(int minutes) throws Exception {
    try (RawSipPeer peer = new RawSipPeer(gateway.udpAddress())) {
      InetSocketAddress to =
          new InetSocketAddress(
              InetAddress.getLoopbackAddress(),
              peer.call("X-Session-Id: " + session.value() + "\r\n").audioPort());
      // Collecting takes a fifth of a second, in which nothing could be sent.
      tellMemory(0);
      long startNs = System.nanoTime();
      AudioEncoder encoder = codec.newEncoder();
      AudioCodec encoded = codec;
      int ssrc = random.nextInt();
      int sequence = random.nextInt(65_536);
      int ticks = random.nextInt();
      for (int frame = 0; frame < minutes * MINUTE_FRAMES; frame++) {
        int within = frame % MINUTE_FRAMES;
        // Within the first seconds the recording begins, which needs a file.
        schedule(peer, within);
        if (within == 2250) {
          ssrc = random.nextInt();
          sequence = random.nextInt(65_536);
          ticks = random.nextInt() - FRAME * frame;
        }
        if (within == 0 && frame > 0) {
          tellMemory(frame / MINUTE_FRAMES);
        }
        if (encoded != codec) {
          encoded = codec;
          encoder = encoded.newEncoder();
        }
        byte[] payload = encoder.encode(spoken(frame), 0, FRAME);
        sequence = held ? sequence : sequence + 1 & 0xFFFF;
        if (!held && !isLost(within)) {
          byte[] packet = new byte[12 + payload.length];
          ByteBuffer.wrap(packet)
              .put((byte) 0x80)
              .put((byte) encoded.payloadType())
              .putShort((short) sequence)
              .putInt(ticks + FRAME * frame)
              .putInt(ssrc)
              .put(payload);
          long dueNs = startNs + frame * FRAME_NS + random.nextLong(JITTER_NS);
          line.add(new Due(dueNs, packet, frame / 50));
        }
        send(peer, to, startNs + (frame + 1) * FRAME_NS);
      }
      send(peer, to, Long.MAX_VALUE);
      peer.exchange("BYE", "", "");
    }
    tellMemory(minutes);
  }

  private short[] spoken(int frame) {
    short[] pcm = new short[FRAME];
    for (int i = 0; i < FRAME; i++) {
      pcm[i] = speech[(int) (((long) frame * FRAME + i) % speech.length)];
    }
    return pcm;
  }

  /** 160, 300 and 600 ms. */
  private static boolean isLost(int within) {
    return within >= 400 && within < 408
        || within >= 1600 && within < 1615
        || within >= 2600 && within < 2630;
  }

  private void schedule(RawSipPeer peer, int within) {
    switch (within) {
      case 750 -> renegotiate(peer, "inactive", codec);
      case 1000 -> renegotiate(peer, "sendrecv", AudioCodec.PCMU);
      case 1250 -> renegotiate(peer, "sendrecv", AudioCodec.PCMA);
      case 1900 -> renegotiate(peer, "sendrecv", AudioCodec.G722);
      case 2800 -> renegotiate(peer, "sendrecv", AudioCodec.PCMU);
      default -> {}
    }
  }

  private void renegotiate(RawSipPeer peer, String direction, AudioCodec to) {
    boolean holds = direction.equals("inactive");
    held |= holds;
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                String offer =
                    peer.sdp(direction).replace("RTP/AVP 0", "RTP/AVP " + to.payloadType());
                int status = peer.exchange("INVITE", "", offer).status();
                if (status != 200) {
                  throw new IOException("re-INVITE: " + status);
                }
                peer.ack();
                renegotiations.incrementAndGet();
                codec = to;
                held = holds;
              } catch (IOException e) {
                e.printStackTrace();
              }
            });
  }

  private void send(RawSipPeer peer, InetSocketAddress to, long untilNs) throws IOException {
    while (!line.isEmpty() && line.peek().ns() < untilNs) {
      Due due = line.poll();
      LockSupport.parkNanos(due.ns() - System.nanoTime());
      lateNs[due.second()] = Math.max(lateNs[due.second()], System.nanoTime() - due.ns());
      peer.media.send(new DatagramPacket(due.packet(), due.packet().length, to));
    }
    if (untilNs != Long.MAX_VALUE) {
      LockSupport.parkNanos(untilNs - System.nanoTime());
    }
  }

  private static void tellMemory(int minute) throws IOException {
    System.gc();
    long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    String resident =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .findFirst()
            .orElse("");
    System.out.printf(
        "minute %d: %s, live heap %.1f MiB, threads %d%n",
        minute, resident.replaceAll("\\s+", " "), heap / 1048576.0, Thread.activeCount());
  }

  private void judge(int minutes) throws Exception {
    for (int s = 0; s < 60 && !control(gateway).open().isEmpty(); s++) {
      LockSupport.parkNanos(1_000_000_000L);
    }
    registry.getMeters().stream()
        .filter(Counter.class::isInstance)
        .filter(meter -> meter.getId().getName().matches("linescribe\\.rtp\\..*"))
        .map(Counter.class::cast)
        .filter(counter -> counter.count() > 0)
        .forEach(
            counter ->
                System.out.printf(
                    "counted %s %s: %.0f%n",
                    counter.getId().getName(), counter.getId().getTags(), counter.count()));
    System.out.printf(
        "%d re-INVITEs answered, %d finals, end %s%n",
        renegotiations.get(),
        sessions.segments(session, 1, 1000).stream().filter(s -> !s.text().isEmpty()).count(),
        sessions.find(session).flatMap(r -> r.endReason()).orElse("?"));
    short[] heard = recorded();
    System.out.printf("recorded %.3f s of %d s%n", heard.length / 8000.0, minutes * 60);
    tellErrors(heard, minutes * 60);
    Segment last = sessions.segments(session, 1, 1000).getLast();
    System.out.println("last final: " + last);
  }

  private short[] recorded() throws IOException {
    CallRecordings.Kept kept = recordings.list(Optional.of(session), 1).getFirst();
    byte[] file = Files.readAllBytes(folder.resolve(kept.id() + ".wav"));
    short[] pcm = new short[(file.length - WAV_HEADER_BYTES) / 2];
    ByteBuffer.wrap(file, WAV_HEADER_BYTES, pcm.length * 2)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asShortBuffer()
        .get(pcm);
    return pcm;
  }

  /** Where each second stands, against where most of them do. */
  private void tellErrors(short[] heard, int seconds) {
    short[] said = new short[seconds * SECOND];
    for (int i = 0; i < said.length; i++) {
      said[i] = speech[i % speech.length];
    }
    Map<Integer, Integer> offsets = new TreeMap<>();
    for (int second = 1; second + 1 < seconds; second++) {
      int from = second * SECOND;
      int offset = place(said, heard, from);
      // A second that was lost, held or says nothing stands nowhere.
      if (from + SECOND + offset <= heard.length
          && Speech.correlation(said, heard, from, from + SECOND, offset) >= LEAST_CORRELATION) {
        offsets.put(second, offset);
      }
    }
    int middle = offsets.values().stream().sorted().toList().get(offsets.size() / 2);
    double worstMs = 0;
    int apart = 0;
    for (Map.Entry<Integer, Integer> found : offsets.entrySet()) {
      int second = found.getKey();
      double errorMs = (found.getValue() - middle) / 8.0;
      worstMs = Math.max(worstMs, Math.abs(errorMs));
      if (Math.abs(errorMs) >= BOUND_MS) {
        apart++;
        System.out.printf(
            "minute %d, second %d stands %.1f ms from its place; its packets left up to %.0f ms"
                + " late, those before it %.0f ms%n",
            second / 60, second % 60, errorMs, lateNs[second] / 1e6, lateNs[second - 1] / 1e6);
      }
    }
    System.out.printf(
        "%d of %d seconds found, %d not within %d ms of their place; the worst stands %.1f ms from"
            + " it; packets left up to %.0f ms late%n",
        offsets.size(),
        seconds,
        apart,
        BOUND_MS,
        worstMs,
        LongStream.of(lateNs).max().orElse(0) / 1e6);
  }

  /** The offset of the best correlation; a loud sound beside a second must not draw it there. */
  private static int place(short[] said, short[] heard, int from) {
    int best = 0;
    double highest = Double.NEGATIVE_INFINITY;
    int last = Math.min(REACH, heard.length - from - SECOND);
    for (int offset = -REACH; offset <= last; offset++) {
      double dot = 0;
      double power = 1;
      for (int i = from; i < from + SECOND; i += 4) {
        dot += (double) said[i] * heard[i + offset];
        power += (double) heard[i + offset] * heard[i + offset];
      }
      double correlation = dot / Math.sqrt(power);
      if (correlation > highest) {
        highest = correlation;
        best = offset;
      }
    }
    return best;
  }

  @Override
  public void close() {
    gateway.stop();
    real.close();
  }
}
