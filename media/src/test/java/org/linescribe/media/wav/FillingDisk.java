package org.linescribe.media.wav;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.linescribe.testsupport.PositionedFile;

/** A file on a disk that takes so many bytes until more become free. */
final class FillingDisk extends PositionedFile {
  private long freeBytes;

  FillingDisk(FileChannel file, long freeBytes) {
    super(file);
    this.freeBytes = freeBytes;
  }

  void free(long bytes) {
    freeBytes += bytes;
  }

  @Override
  public int write(ByteBuffer src, long position) throws IOException {
    long grows = Math.max(0, position + src.remaining() - file.size());
    long missing = Math.max(0, grows - freeBytes);
    if (missing >= src.remaining()) {
      throw new IOException("No space left on device");
    }
    // As the system does: what fits is written first, and the next write fails.
    ByteBuffer fits = src.duplicate();
    fits.limit(src.limit() - (int) missing);
    int written = file.write(fits, position);
    src.position(src.position() + written);
    freeBytes -= Math.max(0, grows - missing);
    return written;
  }
}
