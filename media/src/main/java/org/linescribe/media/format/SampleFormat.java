package org.linescribe.media.format;

/** How a decoder writes one sample: interleaved, little endian. */
public enum SampleFormat {
  /** 16-bit signed. */
  PCM16("s16le", 2),
  /** 32-bit IEEE 754 in [-1, 1]. */
  FLOAT32("f32le", 4);

  private final String muxer;
  private final int bytes;

  SampleFormat(String muxer, int bytes) {
    this.muxer = muxer;
    this.bytes = bytes;
  }

  String muxer() {
    return muxer;
  }

  public int bytes() {
    return bytes;
  }
}
