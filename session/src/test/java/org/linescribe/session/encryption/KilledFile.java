package org.linescribe.session.encryption;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.linescribe.testsupport.PositionedFile;

/** A file whose process is killed when it has written so many bytes, in the middle of a write. */
final class KilledFile extends PositionedFile {
  private long bytesLeft;

  KilledFile(FileChannel file, long bytesLeft) {
    super(file);
    this.bytesLeft = bytesLeft;
  }

  /** Nothing is written any more. */
  static final class KilledException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public int write(ByteBuffer src, long position) throws IOException {
    int count = (int) Math.min(src.remaining(), bytesLeft);
    if (count == 0) {
      throw new KilledException();
    }
    int written = file.write(src.slice(src.position(), count), position);
    src.position(src.position() + written);
    bytesLeft -= written;
    return written;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    if (bytesLeft == 0) {
      throw new KilledException();
    }
    file.truncate(size);
    return this;
  }
}
