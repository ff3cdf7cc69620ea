package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A fake disk with a quota: real files until it is used up, then what a full one says. {@link
 * #ROOM_FRAMES} is the room that is left.
 */
@Configuration(proxyBeanMethods = false)
class FullDisk {
  static final AtomicLong ROOM_FRAMES = new AtomicLong(Long.MAX_VALUE);

  @Bean
  AudioFile.Store fakeStoreWithQuota() {
    return new AudioFile.Store() {
      @Override
      public AudioFile create(Path path, AudioShape shape) throws IOException {
        return new Limited(AudioFile.ON_DISK.create(path, shape));
      }

      @Override
      public AudioFile reopen(Path path) throws IOException {
        return new Limited(AudioFile.ON_DISK.reopen(path));
      }
    };
  }

  private static final class Limited implements AudioFile {
    private final AudioFile file;

    Limited(AudioFile file) {
      this.file = file;
    }

    @Override
    public void append(short[] samples, int frames) throws IOException {
      if (ROOM_FRAMES.addAndGet(-frames) < 0) {
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
