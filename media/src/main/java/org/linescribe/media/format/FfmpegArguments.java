package org.linescribe.media.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The command line of a child. All of a peer's influence on it is the choice of an enum: no path,
 * no name and no text of a peer is ever in it.
 *
 * <p>On POSIX systems a shell sets the kernel's limits and becomes FFmpeg (exec, so the pid stays):
 * address space, processor time, no core file, and not one byte into any regular file.
 */
final class FfmpegArguments {
  // Audio decoders only: a video decoder is never started, whatever the container holds.
  private static final String DECODER_WHITELIST =
      "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,"
          + "pcm_f64be,pcm_u8,pcm_s8,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,mp1,mp1float,mp2,mp2float,mp3,mp3float,flac,"
          + "aac,alac,opus,libopus,vorbis,amrnb,amrwb";
  private static final String MAX_BLOCK_BYTES = String.valueOf(64 * 1024 * 1024);
  private static final String STREAM_PROBE_BYTES = "65536";

  private FfmpegArguments() {}

  static List<String> stream(FfmpegProgram program, DecodeRequest request, String logLevel) {
    List<String> arguments = head(program, request.limits(), logLevel);
    add(arguments, "-protocol_whitelist", "pipe");
    input(arguments, request.input());
    if (request.input() instanceof AudioInput.Container(ContainerFormat format)
        && format != ContainerFormat.MP4
        && format != ContainerFormat.AUTO
        && format != ContainerFormat.WEBM) {
      // A small probe: the first audio comes out soon.
      add(arguments, "-probesize", STREAM_PROBE_BYTES);
    }
    add(arguments, "-i", "pipe:0");
    output(arguments, request);
    return arguments;
  }

  static List<String> file(FfmpegProgram program, DecodeRequest request, String path) {
    List<String> arguments = head(program, request.limits(), "info");
    input(arguments, request.input());
    from(arguments, program, path);
    output(arguments, request);
    return arguments;
  }

  static List<String> probe(FfmpegProgram program, DecodeLimits limits, String path) {
    List<String> arguments = head(program, limits, "info");
    input(arguments, AudioInput.auto());
    from(arguments, program, path);
    return arguments;
  }

  private static void from(List<String> arguments, FfmpegProgram program, String path) {
    if (program.seekableStdin()) {
      add(arguments, "-protocol_whitelist", "fd", "-fd", "0", "-i", "fd:");
    } else {
      add(arguments, "-protocol_whitelist", "file", "-i", "file:" + path);
    }
  }

  private static List<String> head(FfmpegProgram program, DecodeLimits limits, String logLevel) {
    List<String> arguments = new ArrayList<>();
    if (!FfmpegProgram.isWindows()) {
      long cpuSeconds = limits.cpu().plusMillis(999).toSeconds();
      add(
          arguments,
          "/bin/sh",
          "-c",
          // macOS knows no -v; there the limit on single blocks below is what remains.
          String.format(
              Locale.ROOT,
              "ulimit -c 0; ulimit -f 0; ulimit -S -t %d; ulimit -v %d 2>/dev/null; exec \"$@\"",
              cpuSeconds,
              limits.memoryBytes() / 1024),
          "sh");
    }
    add(arguments, program.path().toString(), "-nostdin", "-hide_banner", "-nostats");
    add(arguments, "-loglevel", "level+" + logLevel, "-max_alloc", MAX_BLOCK_BYTES);
    // One thread: memory is bounded tightly, and many calls share the machine anyway.
    add(arguments, "-threads", "1", "-filter_threads", "1");
    return arguments;
  }

  private static void input(List<String> arguments, AudioInput input) {
    switch (input) {
      case AudioInput.Container(ContainerFormat format) -> {
        add(arguments, "-format_whitelist", ContainerFormat.DEMUXER_WHITELIST);
        add(arguments, "-codec_whitelist", DECODER_WHITELIST);
        if (format != ContainerFormat.AUTO) {
          add(arguments, "-f", format.demuxer());
        }
      }
      case AudioInput.RawPcm16(int sampleRateHz, int channels) -> {
        add(
            arguments,
            "-format_whitelist",
            "s16le",
            "-codec_whitelist",
            "pcm_s16le",
            "-f",
            "s16le");
        add(arguments, "-ar", String.valueOf(sampleRateHz), "-ac", String.valueOf(channels));
      }
    }
  }

  private static void output(List<String> arguments, DecodeRequest request) {
    add(arguments, "-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1");
    add(arguments, "-ac", String.valueOf(request.channels()));
    add(arguments, "-ar", String.valueOf(request.sampleRateHz()));
    add(arguments, "-flush_packets", "1", "-f", "s16le", "pipe:1");
  }

  private static void add(List<String> arguments, String... more) {
    arguments.addAll(List.of(more));
  }
}
