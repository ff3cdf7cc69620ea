package org.linescribe.bench.asr;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.linescribe.media.resample.Resampler;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;

/**
 * Recordings one after the other, a second of silence between two, played by each stream from
 * another place on, round and round.
 *
 * @param pcm8k a whole number of frames of 20 ms
 * @param pcm16k the same at 16 kHz
 * @param floats16k the same in [-1, 1]
 */
record Tape(short[] pcm8k, short[] pcm16k, float[] floats16k, int streams, int seconds) {
  private static final int FRAME_8K = 160;

  static Tape of(Path folder, int streams, int seconds) throws IOException {
    List<RecordedCall> calls = RecordedCall.find(List.of(folder), null);
    short[] pcm = new short[0];
    for (RecordedCall call : calls) {
      short[] recording = CallAudio.pcm8k(call.file());
      int at = pcm.length;
      int frames = (recording.length + FRAME_8K - 1) / FRAME_8K + 50;
      pcm = Arrays.copyOf(pcm, at + frames * FRAME_8K);
      System.arraycopy(recording, 0, pcm, at, recording.length);
    }
    float[] floats = new float[2 * pcm.length];
    Resampler.telephony(8000, 16_000).process(pcm, 0, pcm.length, floats, 0);
    short[] doubled = new short[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubled[i] = (short) Math.clamp(Math.round(floats[i] * 32768f), -32768, 32767);
      floats[i] = doubled[i] / 32768f;
    }
    return new Tape(pcm, doubled, floats, streams, seconds);
  }

  int frames() {
    return seconds * 50;
  }

  /** Where a frame of a stream begins, at a rate. */
  int at(int stream, int frame, int rateHz) {
    int all = pcm8k.length / FRAME_8K;
    long from = (long) stream * all / streams;
    return (int) ((from + frame) % all) * (rateHz / 50);
  }

  short[] pcm(int rateHz) {
    return rateHz == 8000 ? pcm8k : pcm16k;
  }
}
