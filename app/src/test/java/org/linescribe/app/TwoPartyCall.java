package org.linescribe.app;

import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testsupport.HumanRecording;

/**
 * A call that a platform forks to {@code /ws/media-streams}, both tracks of it: the parties speak
 * in turns, again and again, in real time, until it is hung up after a turn.
 */
final class TwoPartyCall implements AutoCloseable {
  private static final int FRAME = 160;
  private static final long FRAME_NS = 20_000_000;
  private static final int PAUSE_FRAMES = 75;

  private final ApiClient socket;
  private final ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();
  private final Future<?> spoken;
  private volatile boolean hungUp;

  /**
   * @param url of the route, with the key where one is asked for
   */
  TwoPartyCall(String url, String id, HumanRecording caller, HumanRecording callee) {
    socket = new ApiClient(url);
    socket.send("{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}");
    socket.send(
        """
        {"event":"start","start":{"streamSid":"MZ1","callSid":"%s","tracks":["inbound","outbound"],
        "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}
        """
            .formatted(id));
    byte[][] turns = {mulaw(caller), mulaw(callee)};
    spoken =
        thread.submit(
            () -> {
              speak(turns);
              return null;
            });
  }

  private static byte[] mulaw(HumanRecording recording) {
    short[] pcm = recording.pcm();
    byte[] codes = new byte[Math.ceilDiv(pcm.length, FRAME) * FRAME + PAUSE_FRAMES * FRAME];
    Arrays.fill(codes, (byte) G711Law.PCMU.idleCode());
    G711Law.PCMU.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  private void speak(byte[][] turns) throws InterruptedException {
    FrameClock clock = FrameClock.system();
    long startNs = clock.nowNs();
    byte[] silence = new byte[FRAME];
    Arrays.fill(silence, (byte) G711Law.PCMU.idleCode());
    int sent = 0;
    for (int turn = 0; turn % 2 != 0 || !hungUp; turn++) {
      byte[] audio = turns[turn % 2];
      for (int at = 0; at < audio.length; at += FRAME) {
        byte[] frame = Arrays.copyOfRange(audio, at, at + FRAME);
        media("inbound", sent, turn % 2 == 0 ? frame : silence);
        media("outbound", sent, turn % 2 == 0 ? silence : frame);
        sent++;
        clock.await(startNs + sent * FRAME_NS);
      }
    }
    socket.send("{\"event\":\"stop\",\"stop\":{}}");
  }

  private void media(String track, int frame, byte[] mulaw) {
    socket.send(
        """
        {"event":"media","media":{"track":"%s","timestamp":"%d","payload":"%s"},"streamSid":"MZ1"}
        """
            .formatted(track, 20L * frame, Base64.getEncoder().encodeToString(mulaw)));
  }

  /** Returns when the callee's turn is over and the gateway has closed the stream. */
  void hangUp() throws InterruptedException, ExecutionException {
    hungUp = true;
    spoken.get();
    socket.awaitClose();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    socket.close();
  }
}
