package org.linescribe.media.format;

/**
 * What the bytes of a compressed stream or file are.
 *
 * <p>Only these demuxers are ever open to a peer's bytes. Playlists (HLS, DASH, concat), devices,
 * images and network formats are not among them, so a file cannot make FFmpeg read another file or
 * call a host.
 */
public enum ContainerFormat {
  /** One of the others, found by FFmpeg from the first bytes. */
  AUTO(""),
  /** RIFF WAVE, also RF64, with PCM, float, G.711 or ADPCM inside. */
  WAV("wav"),
  /** Sony Wave64. */
  W64("w64"),
  /** AIFF and AIFF-C. */
  AIFF("aiff"),
  /** Sun and NeXT audio. */
  AU("au"),
  /** Core Audio Format. */
  CAF("caf"),
  /** Adaptive Multi-Rate, narrow and wide band. */
  AMR("amr"),
  MP3("mp3"),
  FLAC("flac"),
  /** AAC with ADTS headers. */
  AAC("aac"),
  /** MP4, M4A, MOV, 3GP. Decodes from a pipe only when its index comes first. */
  MP4("mov"),
  /** Ogg with Opus, Vorbis or FLAC inside. */
  OGG("ogg"),
  /** WebM and Matroska. */
  WEBM("matroska");

  static final String DEMUXER_WHITELIST =
      "wav,w64,aiff,au,caf,amr,mp3,flac,aac,mov,mp4,m4a,3gp,ogg,matroska,webm";

  private final String demuxer;

  ContainerFormat(String demuxer) {
    this.demuxer = demuxer;
  }

  String demuxer() {
    return demuxer;
  }
}
