package org.linescribe.api.files;

import java.util.Arrays;
import java.util.Optional;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.ContainerSignature;

/**
 * The documented kinds of files, by their first bytes, whatever their name or their client says.
 */
enum AudioKind {
  WAV(ContainerFormat.WAV),
  MP3(ContainerFormat.MP3),
  FLAC(ContainerFormat.FLAC),
  M4A(ContainerFormat.MP4),
  OGG(ContainerFormat.OGG),
  WEBM(ContainerFormat.WEBM);

  static final int HEAD_BYTES = 12;

  private final ContainerFormat container;

  AudioKind(ContainerFormat container) {
    this.container = container;
  }

  ContainerFormat container() {
    return container;
  }

  /**
   * @param head the first {@link #HEAD_BYTES} bytes, or all of a shorter file
   */
  static Optional<AudioKind> of(byte[] head) {
    Optional<ContainerFormat> found = ContainerSignature.find(head, head.length);
    if (found.isEmpty() && ContainerSignature.isMpegFrame(head, head.length)) {
      return Optional.of(MP3);
    }
    return found.flatMap(
        container -> Arrays.stream(values()).filter(kind -> kind.container == container).findAny());
  }
}
