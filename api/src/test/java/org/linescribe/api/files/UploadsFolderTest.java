package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.session.storage.StorageSettings;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Where uploads lie, and what a start makes of the ones that a crash left. */
class UploadsFolderTest {
  @TempDir Path folder;

  @Test
  void uploadsLieInTheDataFolderAndOnlyItsOwnerMayReadThem() throws IOException {
    start(Map.of());

    assertThat(permissions(folder.resolve("uploads"))).isEqualTo("rwx------");
  }

  @Test
  void aStartRemovesTheUploadsThatACrashLeft() throws IOException {
    Path uploads = Files.createDirectory(folder.resolve("uploads"));
    Path left = Files.createFile(uploads.resolve("linescribe-upload-1.bin"));
    Path foreign = Files.createFile(uploads.resolve("notes.txt"));

    start(Map.of());

    assertThat(left).doesNotExist();
    assertThat(foreign).exists();
  }

  @Test
  void aFolderOfTheOperatorsKeepsItsPermissions() throws IOException {
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxr-x---"));

    start(Map.of("linescribe.files.directory", own.toString()));

    assertThat(permissions(own)).isEqualTo("rwxr-x---");
    assertThat(folder.resolve("uploads")).doesNotExist();
  }

  private void start(Map<String, Object> properties) throws IOException {
    FilesSettings settings =
        new Binder(new MapConfigurationPropertySource(properties))
            .bindOrCreate("linescribe.files", FilesSettings.class);
    try (Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime);
        Uploads uploads =
            new Uploads(
                settings,
                StorageSettings.defaults(),
                folder,
                new FakeSessions(),
                new FfmpegFileDecoder(ffmpeg),
                new BlockingCalls())) {
      assertThat(uploads).isNotNull();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
