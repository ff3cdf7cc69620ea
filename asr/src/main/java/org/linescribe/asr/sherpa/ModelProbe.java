package org.linescribe.asr.sherpa;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.worker.ChildJvm;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.media.resources.TemporaryFolder;

/**
 * Tries a model in a child JVM before it may be loaded here: sherpa-onnx ends its process by exit,
 * abort or a segmentation fault on a model that it does not like.
 *
 * <p>Thread: any; blocks until the child ends or its time is up. The child inherits its arguments
 * and no secrets of our environment, leaves nothing behind, and ends with this process: its
 * standard input is a pipe that is held here.
 */
final class ModelProbe {
  static final Duration TIMEOUT = Duration.ofSeconds(120);

  private static final List<String> QUICK_START = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1");

  private static final int TAIL_BYTES = 4000;

  private ModelProbe() {}

  /**
   * @throws RecogniserException when the model is unsound; it names the folder, what was being done
   *     and what became of the child
   */
  static void probe(ModelFiles model, Duration timeout) {
    Path directory = model.tokens().toAbsolutePath().getParent();
    tryIn(
        directory,
        scratch -> ChildJvm.of(ProbeMain.class, scratch, QUICK_START, model.arguments()),
        timeout);
  }

  /**
   * @param command of the child, for its working folder
   */
  static void tryIn(
      @Nullable Path directory, Function<Path, ProcessBuilder> command, Duration timeout) {
    Path scratch = null;
    Process child = null;
    try {
      scratch = TemporaryFolder.createDirectory("probe");
      Path out = scratch.resolve("out");
      Path err = scratch.resolve("err");
      ProcessBuilder builder =
          command
              .apply(scratch)
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      child = builder.start();
      boolean ended = child.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
      String said = tail(out);
      if (ended && child.exitValue() == 0 && said.contains(ProbeMain.SOUND)) {
        return;
      }
      String fault =
          ended
              ? ChildJvm.fate(child.exitValue())
              : "did not end within " + timeout.toSeconds() + " s and was killed";
      throw new RecogniserException(
          directory
              + ": the model is unsound: a trial process "
              + fault
              + (said.contains(ProbeMain.DECODING) ? " while decoding" : " while loading")
              + ChildJvm.reason(tail(err)));
    } catch (IOException e) {
      throw new RecogniserException(directory + ": the model cannot be tried: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecogniserException(directory + ": the trial was interrupted", e);
    } finally {
      if (child != null) {
        child.destroyForcibly();
      }
      delete(scratch);
    }
  }

  static String tail(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int from = Math.max(0, bytes.length - TAIL_BYTES);
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }

  static void delete(@Nullable Path folder) {
    try {
      if (folder != null) {
        ResourceFiles.deleteTree(folder);
      }
    } catch (IOException e) {
      folder.toFile().deleteOnExit();
    }
  }
}
