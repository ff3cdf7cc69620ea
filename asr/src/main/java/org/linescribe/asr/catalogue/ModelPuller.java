package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.media.resources.Sha256;

/**
 * Brings a model of the catalogue into the data folder: download with resumption, hash, unpacking,
 * validation, and only then the name under which it is found.
 *
 * <p>Thread: one per model; blocks. A download that was cut off, or came whole and could not be
 * installed, is kept and continued by the next pull. Nothing of a model whose hash does not fit is
 * unpacked.
 */
public final class ModelPuller {
  private static final long MAX_ARCHIVE_BYTES = 4L << 30;
  private static final long MAX_UNPACKED_BYTES = 8L << 30;

  /** Without a byte, after which a download is given up. */
  static final Duration STALL = Duration.ofSeconds(60);

  private final ModelStore store;
  private final LongSupplier nanoClock;

  /** Made at the first download: loading it takes a fiftieth of a gateway's start. */
  private static final class Http {
    static final HttpClient CLIENT =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
  }

  public ModelPuller(ModelStore store) {
    this(store, System::nanoTime);
  }

  ModelPuller(ModelStore store, LongSupplier nanoClock) {
    this.store = store;
    this.nanoClock = nanoClock;
  }

  /** Why the archive may be trusted. */
  public sealed interface Trust {
    /** By the catalogue's hash, or by the one that the lock remembers of an earlier pull. */
    record Known() implements Trust {}

    /** By a hash that the operator gives. */
    record Sha256(String hash) implements Trust {
      public Sha256 {
        ModelDescription.requireSha256(hash);
      }
    }

    /** The first download is believed, remembered, and every later one is held to it. */
    record FirstUse() implements Trust {}
  }

  /** Hears how far the download is; bytes, the total is -1 while unknown. */
  @FunctionalInterface
  public interface Progress {
    void at(long bytes, long totalBytes);
  }

  /**
   * @return the model's folder
   * @throws ModelException when nobody vouches for the archive, its hash differs, or it is unsound
   * @throws IOException when the download fails; what came is kept for the next attempt
   */
  public Path pull(ModelDescription model, Trust trust, Progress progress) throws IOException {
    ModelDescription.Archive archive =
        model
            .archive()
            .orElseThrow(() -> new ModelException("model " + model.name() + ": nothing to pull"));
    Optional<String> expected = expected(model, archive, trust);
    Path part = store.downloads().resolve(model.name() + ".tar.bz2.part");
    download(archive.url(), part, progress);
    String actual = Sha256.ofFile(part);
    if (expected.isPresent() && !expected.get().equals(actual)) {
      forget(part);
      throw new ModelException(
          archive.url() + ": sha256 " + actual + " (expected: " + expected.get() + "); discarded");
    }
    Path fresh = Files.createTempDirectory(store.downloads(), model.name());
    try {
      ModelArchive.unpack(part, fresh, MAX_UNPACKED_BYTES);
      for (ModelDescription.ModelFile file : model.files().values()) {
        checkFile(fresh.resolve(file.name()), file);
      }
      ModelValidator.validate(model, fresh);
      Path installed = store.install(model, fresh, actual);
      forget(part);
      return installed;
    } catch (ModelException e) {
      // Complete and still unsound: continuing this download would never mend it.
      forget(part);
      throw e;
    } finally {
      ResourceFiles.deleteTree(fresh);
    }
  }

  private static Path tagFile(Path part) {
    return part.resolveSibling(part.getFileName() + ".etag");
  }

  private static void forget(Path part) throws IOException {
    Files.deleteIfExists(tagFile(part));
    Files.deleteIfExists(part);
  }

  private Optional<String> expected(
      ModelDescription model, ModelDescription.Archive archive, Trust trust) throws IOException {
    Optional<String> known =
        archive.sha256().isPresent() ? archive.sha256() : store.archiveSha256(model.name());
    return switch (trust) {
      case Trust.Sha256(String hash) -> Optional.of(hash);
      case Trust.FirstUse() -> known;
      case Trust.Known() -> {
        if (known.isEmpty()) {
          throw new ModelException(
              "model "
                  + model.name()
                  + ": the catalogue has no sha256 of "
                  + archive.url()
                  + "; give one by --sha256, or --trust-on-first-use to believe the first download"
                  + " and hold every later one to it");
        }
        yield known;
      }
    };
  }

  private static void checkFile(Path path, ModelDescription.ModelFile file) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new ModelException("the archive holds no " + file.name());
    }
    if (file.sha256().isPresent() && !Sha256.ofFile(path).equals(file.sha256().get())) {
      throw new ModelException(file.name() + ": altered (its sha256 is not the catalogue's)");
    }
  }

  private void download(URI url, Path part, Progress progress) throws IOException {
    Path tagFile = tagFile(part);
    long have = Files.exists(part) ? Files.size(part) : 0;
    String tag = Files.exists(tagFile) ? Files.readString(tagFile) : "";
    HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(Duration.ofMinutes(5)).GET();
    // Without a strong tag the rest could be of another version; only the hash would tell, too
    // late.
    boolean resume = have > 0 && tag.startsWith("\"");
    if (resume) {
      request.header("Range", "bytes=" + have + "-").header("If-Range", tag);
    }
    HttpResponse<InputStream> response;
    try {
      response = Http.CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(url + ": interrupted", e);
    } catch (IOException e) {
      // The JDK's client gives a refused or unknown host no message of its own.
      throw new IOException(url + ": " + e, e);
    }
    try (InputStream body = response.body()) {
      boolean append =
          resume
              && response.statusCode() == 206
              && response
                  .headers()
                  .firstValue("Content-Range")
                  .filter(range -> range.startsWith("bytes " + have + "-"))
                  .isPresent();
      if (resume && !append && (response.statusCode() == 416 || response.statusCode() == 206)) {
        // All of it is there already: the hash decides.
        if (response.headers().firstValue("Content-Range").orElse("").equals("bytes */" + have)) {
          return;
        }
        forget(part);
        throw new IOException(url + ": the download cannot be continued; try again");
      }
      if (!append && response.statusCode() != 200) {
        throw new IOException(url + ": HTTP " + response.statusCode());
      }
      long start = append ? have : 0;
      if (!append) {
        // Not beside the new version's tag.
        Files.deleteIfExists(part);
      }
      Files.writeString(tagFile, response.headers().firstValue("ETag").orElse(""));
      long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      save(url, body, part, append, start, length < 0 ? -1 : start + length, progress);
    }
  }

  private void save(
      URI url,
      InputStream body,
      Path part,
      boolean append,
      long start,
      long total,
      Progress progress)
      throws IOException {
    long bytes = start;
    StallWatch watch = new StallWatch(body, STALL, nanoClock);
    try (watch;
        OutputStream out =
            append
                ? Files.newOutputStream(part, StandardOpenOption.APPEND)
                : Files.newOutputStream(part)) {
      byte[] buffer = new byte[1 << 16];
      progress.at(bytes, total);
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        watch.moved();
        out.write(buffer, 0, n);
        bytes += n;
        if (bytes > MAX_ARCHIVE_BYTES) {
          throw new ModelException(url + ": larger than " + MAX_ARCHIVE_BYTES + " bytes");
        }
        progress.at(bytes, total);
      }
    } catch (ModelException e) {
      forget(part);
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "%s: %s; %scut off after %s bytes, which are kept; pull again to continue"
              .formatted(
                  url,
                  e.getMessage(),
                  watch.isStalled() ? "nothing came for " + STALL.toSeconds() + " s; " : "",
                  bytes),
          e);
    }
    if (total >= 0 && bytes != total) {
      throw new IOException(
          url + ": cut off after " + bytes + " of " + total + " bytes; pull again to continue");
    }
  }
}
