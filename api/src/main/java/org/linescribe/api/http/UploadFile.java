package org.linescribe.api.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/**
 * An upload that is being processed, in the folder {@code uploads} of the data folder: what a crash
 * leaves there is removed at the next start, by its name.
 *
 * @param path the file; {@link #delete} is its owner's
 */
public record UploadFile(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(UploadFile.class);

  /** As that of {@code api.files}, which removes what is left. */
  private static final String PREFIX = "linescribe-upload-";

  /** Blocks. */
  public static UploadFile create(Path data) throws IOException {
    Path folder = data.resolve("uploads");
    DataFolder.create(folder);
    return new UploadFile(Files.createTempFile(folder, PREFIX, ".bin"));
  }

  /**
   * Writes a request's body into a new file; nothing of it is held in memory.
   *
   * @return the file, or a refusal: 413 beyond the size, 408 where nothing comes for the stall
   */
  public static Mono<UploadFile> ofBody(
      ServerRequest request,
      Path data,
      DataSize maxSize,
      Duration stall,
      BlockingCalls blockingCalls) {
    if (request.headers().contentLength().orElse(0) > maxSize.toBytes()) {
      return Mono.error(tooLarge(maxSize));
    }
    AtomicLong bytes = new AtomicLong();
    return blockingCalls
        .call(() -> create(data))
        .flatMap(
            file ->
                DataBufferUtils.write(
                        request
                            .bodyToFlux(DataBuffer.class)
                            .timeout(stall)
                            .doOnNext(
                                part -> {
                                  if (bytes.addAndGet(part.readableByteCount())
                                      > maxSize.toBytes()) {
                                    DataBufferUtils.release(part);
                                    throw tooLarge(maxSize);
                                  }
                                }),
                        file.path())
                    .thenReturn(file)
                    .doOnError(_ -> file.delete())
                    .doOnCancel(file::delete))
        .onErrorMap(
            TimeoutException.class,
            _ ->
                new RefusedRequestException(
                    HttpStatus.REQUEST_TIMEOUT, "Nothing came for " + stall.toSeconds() + " s"));
  }

  /** The refusal of what is larger than allowed. */
  public static RefusedRequestException tooLarge(DataSize maxSize) {
    return new RefusedRequestException(
        HttpStatus.CONTENT_TOO_LARGE, "The file is larger than " + maxSize.toKilobytes() + " KB");
  }

  /** Blocks. */
  public OutputStream open() throws IOException {
    return Files.newOutputStream(path);
  }

  /** Idempotent. */
  public void delete() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.warn("An upload could not be deleted: {}", e.toString());
    }
  }
}
