package org.linescribe.api.audiosessions;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.media.codec.Pcm16;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegDecoder;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.media.wav.WavReader;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.testsupport.HumanRecording;

/** A recorded call and what tests make of it. */
final class Sound {
  static final Path RECORDING = HumanRecording.named("phone-theo-1.wav").file();

  private Sound() {}

  /** Audio of a WAV file, through our reader. */
  static byte[] pcm(Path wav) throws IOException {
    try (WavReader reader = WavReader.open(wav)) {
      return bytes(reader.readAll(50_000_000));
    }
  }

  static byte[] recording() throws IOException {
    return pcm(RECORDING);
  }

  static byte[] bytes(short[] samples) {
    ByteBuffer bytes = ByteBuffer.allocate(samples.length * 2).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(samples);
    return bytes.array();
  }

  /** A WAV file around PCM. */
  static byte[] wav(byte[] pcm, int rateHz, int channels) {
    ByteBuffer wav = ByteBuffer.allocate(44 + pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    wav.putInt(36 + pcm.length);
    wav.put("WAVEfmt ".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    wav.putInt(16).putShort((short) 1).putShort((short) channels).putInt(rateHz);
    wav.putInt(rateHz * 2 * channels).putShort((short) (2 * channels)).putShort((short) 16);
    wav.put("data".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    return wav.putInt(pcm.length).put(pcm).array();
  }

  /** The recording in another container. */
  static byte[] encoded(Path directory, String name, int times, String... arguments)
      throws IOException, InterruptedException {
    return BundledFfmpeg.encoded(RECORDING, times, directory.resolve(name), arguments);
  }

  /** What one undisturbed child makes of a stream. */
  static byte[] decoded(byte[] stream, AudioInput input, AudioShape shape) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DecodeRequest request =
        new DecodeRequest(input, shape.sampleRateHz(), shape.channels(), DecodeLimits.live());
    try (Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime);
        FfmpegDecoder decoder = ffmpeg.decoder(request, pcm -> out.write(Pcm16.bytes(pcm)))) {
      decoder.write(stream, 0, stream.length);
      decoder.finish();
    }
    return out.toByteArray();
  }

  static List<byte[]> pieces(byte[] bytes, int pieceBytes) {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += pieceBytes) {
      pieces.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + pieceBytes)));
    }
    return pieces;
  }
}
