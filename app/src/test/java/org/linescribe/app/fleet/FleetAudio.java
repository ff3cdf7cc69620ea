package org.linescribe.app.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;

/**
 * Recordings with silence behind them, so that the last utterance ends before the next begins.
 *
 * @param words what is said
 * @param audio PCMU, for calls
 * @param codes the same in slices of {@link #SLICE_MS}, for WebSockets
 */
record FleetAudio(String words, CallAudio audio, List<byte[]> codes) {
  /** Audio in one message of a WebSocket. */
  static final int SLICE_MS = 100;

  private static final int FRAMES = SLICE_MS / 20;
  private static final int SILENT_SLICES = 14;

  /**
   * By SIP its doubled digit is heard once in every fourth call, where nothing is disturbed too.
   */
  private static final String NOT_EXACT = "card-slt.ulaw";

  static List<FleetAudio> read(Path folder) throws IOException {
    List<FleetAudio> all = new ArrayList<>();
    for (RecordedCall call : RecordedCall.find(List.of(folder), null)) {
      if (call.name().equals(NOT_EXACT)) {
        continue;
      }
      CallAudio audio = CallAudio.read(call.file(), G711Law.PCMU);
      all.add(new FleetAudio(String.valueOf(call.words()), audio, slices(audio)));
    }
    return all;
  }

  /** A slice in which nobody speaks. */
  static byte[] silence() {
    byte[] codes = new byte[FRAMES * CallAudio.FRAME_BYTES];
    Arrays.fill(codes, (byte) G711Law.PCMU.idleCode());
    return codes;
  }

  private static List<byte[]> slices(CallAudio audio) {
    List<byte[]> slices = new ArrayList<>();
    int count = (audio.frames() + FRAMES - 1) / FRAMES + SILENT_SLICES;
    for (int slice = 0; slice < count; slice++) {
      byte[] codes = silence();
      for (int frame = 0; frame < FRAMES; frame++) {
        int index = slice * FRAMES + frame;
        if (index < audio.frames()) {
          audio.frame(index, codes, frame * CallAudio.FRAME_BYTES);
        }
      }
      slices.add(codes);
    }
    return slices;
  }
}
