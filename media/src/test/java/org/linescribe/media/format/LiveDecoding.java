package org.linescribe.media.format;

import java.io.ByteArrayOutputStream;
import org.linescribe.media.codec.Pcm16;

/** What a live API asks of a decoder, and where its samples go. */
final class LiveDecoding {
  private LiveDecoding() {}

  static DecodeRequest request(AudioInput input) {
    return new DecodeRequest(input, EncodedRecording.RATE_HZ, 1, DecodeLimits.live());
  }

  static AudioInput of(ContainerFormat format) {
    return AudioInput.container(format);
  }

  static PcmSink into(ByteArrayOutputStream target) {
    return pcm -> target.write(Pcm16.bytes(pcm));
  }
}
