package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingFile;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A fake disk with a quota: real files until it is used up, then what a full one says. {@link
 * #SPACE_FRAMES} is the space that is left.
 */
@Configuration(proxyBeanMethods = false)
class FullDisk {
  static final AtomicLong SPACE_FRAMES = new AtomicLong(Long.MAX_VALUE);

  @Bean
  RecordingFile.Store fakeStoreWithQuota() {
    return new RecordingFile.Store() {
      @Override
      public RecordingFile create(Path path, AudioShape shape) throws IOException {
        return new Limited(RecordingFile.ON_DISK.create(path, shape));
      }

      @Override
      public RecordingFile reopen(Path path) throws IOException {
        return new Limited(RecordingFile.ON_DISK.reopen(path));
      }
    };
  }

  private static final class Limited implements RecordingFile {
    private final RecordingFile file;

    Limited(RecordingFile file) {
      this.file = file;
    }

    @Override
    public void append(short[] samples, int frames) throws IOException {
      if (SPACE_FRAMES.addAndGet(-frames) < 0) {
        throw new IOException("No space left on device");
      }
      file.append(samples, frames);
    }

    @Override
    public long frames() {
      return file.frames();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
