package org.linescribe.api.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.PartEventReader;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.AudioProbe;
import org.linescribe.media.format.DecodeException;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeProgress;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.FfmpegFileDecoder;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.Sessions;
import org.linescribe.session.storage.DataFolder;
import org.linescribe.session.storage.StorageFullException;
import org.linescribe.session.storage.StorageSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.multipart.FilePartEvent;
import org.springframework.http.codec.multipart.PartEvent;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/**
 * Writes a multipart upload to disk while it arrives: nothing of it is held in memory, and no part
 * of the client's names reaches a path.
 *
 * <p>Thread: event loops read, virtual threads write.
 */
final class Uploads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
  private static final String PREFIX = "linescribe-upload-";
  private static final String AUDIO = "audio";

  /** Output that proves that there is audio: a second at 8 kHz. */
  private static final long ENOUGH_BYTES = 8000L * Float.BYTES;

  private static final int MAX_FILENAME = 255;

  private final FilesSettings settings;
  private final StorageSettings storage;
  private final Sessions sessions;
  private final FfmpegFileDecoder decoder;
  private final BlockingCalls blockingCalls;
  private final Path directory;

  /**
   * @param storage how much may lie there
   * @param data the data folder, where uploads lie unless the settings name a folder of their own:
   *     what a crash leaves is then found at the next start
   */
  Uploads(
      FilesSettings settings,
      StorageSettings storage,
      Path data,
      Sessions sessions,
      FfmpegFileDecoder decoder,
      BlockingCalls blockingCalls)
      throws IOException {
    this.storage = storage;
    this.settings = settings;
    this.sessions = sessions;
    this.decoder = decoder;
    this.blockingCalls = blockingCalls;
    Path given = settings.directory();
    this.directory = given == null ? data.resolve("uploads") : given;
    create(given);
    clean();
  }

  /** A folder of the operator's keeps its permissions: it may have other uses. */
  private void create(@Nullable Path given) {
    try {
      if (given == null) {
        DataFolder.create(directory);
      } else {
        Files.createDirectories(given);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "linescribe.files.directory: '"
              + directory
              + "' (expected: a folder that can be written): "
              + e,
          e);
    }
  }

  /** Uploads of a run that was killed. */
  private void clean() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, PREFIX + "*")) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The upload, or a refusal; whoever gets it owns its file. */
  Mono<Upload> read(ServerRequest request) {
    MediaType type = request.headers().contentType().orElse(MediaType.ALL);
    if (!MediaType.MULTIPART_FORM_DATA.equalsTypeAndSubtype(type)) {
      return Mono.error(
          refused(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "Expected multipart/form-data with 'audio'"));
    }
    OptionalLong length = request.headers().contentLength();
    if (length.isPresent()
        && length.getAsLong() > settings.maxSize().toBytes() + UploadForm.MAX_BYTES) {
      return Mono.error(tooLarge());
    }
    return Mono.defer(
        () -> {
          Draft draft = new Draft();
          return blockingCalls
              .call(this::requireSpace)
              .then(
                  PartEventReader.read(
                      request.bodyToFlux(PartEvent.class),
                      draft::add,
                      blockingCalls,
                      settings.uploadStall(),
                      () -> Requests.hangUp(request)))
              .then(blockingCalls.call(draft::finish))
              .onErrorMap(this::refusal)
              .doOnError(failed -> draft.discard())
              .doOnCancel(draft::discard);
        });
  }

  private boolean requireSpace() throws IOException {
    DataFolder.requireFree(directory, storage.minFree());
    DataFolder.requireBelow(
        directory, storage.maxUploads(), "uploads", "linescribe.storage.max-uploads");
    return true;
  }

  private Throwable refusal(Throwable failed) {
    return switch (failed) {
      case PartEventReader.StalledException _ ->
          refused(
              HttpStatus.REQUEST_TIMEOUT,
              "Nothing came for " + settings.uploadStall().toSeconds() + " s");
      case PartEventReader.BrokenException broken -> {
        LOG.debug("an upload broke off", broken);
        yield broken.getCause() instanceof DataBufferLimitException
            ? refused(HttpStatus.CONTENT_TOO_LARGE, "A field of the form is too large")
            : refused(HttpStatus.BAD_REQUEST, "The form is malformed or broke off");
      }
      case StorageFullException full ->
          refused(HttpStatus.INSUFFICIENT_STORAGE, String.valueOf(full.getMessage()));
      case IOException _ -> {
        LOG.error("An upload cannot be stored: {}", failed.toString());
        yield refused(HttpStatus.INSUFFICIENT_STORAGE, "The upload cannot be kept on this node");
      }
      default -> failed;
    };
  }

  private RefusedRequestException tooLarge() {
    return refused(
        HttpStatus.CONTENT_TOO_LARGE,
        "The file is larger than " + settings.maxSize().toMegabytes() + " MB");
  }

  static RefusedRequestException refused(HttpStatus status, String why) {
    return new RefusedRequestException(status, why);
  }

  static RefusedRequestException unprocessable(String why) {
    return refused(HttpStatus.UNPROCESSABLE_CONTENT, why);
  }

  @Override
  public void close() throws IOException {
    clean();
  }

  /** An upload in progress. Thread: one at a time; discarded by any. */
  private final class Draft {
    private final UploadForm form = new UploadForm();
    private final AtomicBoolean discarded = new AtomicBoolean();
    private final ByteBuffer head = ByteBuffer.allocate(AudioKind.HEAD_BYTES);
    private @Nullable Path file;
    private @Nullable FileChannel channel;
    private @Nullable AudioKind kind;
    private String filename = "";
    private long bytes;
    private boolean audioEnded;

    void add(PartEvent event) throws IOException {
      if (discarded.get()) {
        return;
      }
      if (event instanceof FilePartEvent && !event.name().equals(AUDIO)) {
        throw unprocessable("The form has no file 'audio': another file came");
      }
      if (event.name().equals(AUDIO)) {
        audio(event, event.content());
      } else {
        form.add(event.name(), event.content());
      }
      if (discarded.get()) {
        discardNow();
      }
    }

    private void audio(PartEvent event, DataBuffer content) throws IOException {
      if (audioEnded) {
        throw unprocessable("More than one 'audio' part");
      }
      FileChannel out = channel;
      if (out == null) {
        file = Files.createTempFile(directory, PREFIX, ".bin");
        out = FileChannel.open(file, StandardOpenOption.WRITE);
        channel = out;
        filename = event instanceof FilePartEvent named ? showable(named.filename()) : "audio";
      }
      bytes += content.readableByteCount();
      if (bytes > settings.maxSize().toBytes()) {
        throw tooLarge();
      }
      try (DataBuffer.ByteBufferIterator buffers = content.readableByteBuffers()) {
        while (buffers.hasNext()) {
          ByteBuffer buffer = buffers.next();
          sniff(buffer);
          while (buffer.hasRemaining()) {
            out.write(buffer);
          }
        }
      }
      if (event.isLast()) {
        audioEnded = true;
        out.close();
      }
    }

    /** Refuses an unknown format by its first bytes, before the rest is received. */
    private void sniff(ByteBuffer buffer) {
      if (kind != null) {
        return;
      }
      ByteBuffer view = buffer.duplicate();
      while (view.hasRemaining() && head.hasRemaining()) {
        head.put(view.get());
      }
      if (!head.hasRemaining()) {
        kind = kind();
      }
    }

    private AudioKind kind() {
      byte[] known = java.util.Arrays.copyOf(head.array(), head.position());
      return AudioKind.of(known)
          .orElseThrow(
              () ->
                  refused(
                      HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                      "Not a WAV, MP3, FLAC, M4A, OGG or WEBM file"));
    }

    Upload finish() throws IOException {
      Path kept = file;
      if (kept == null || !audioEnded) {
        throw unprocessable("The form has no file 'audio'");
      }
      if (bytes == 0) {
        throw unprocessable("The file is empty");
      }
      AudioKind found = kind == null ? kind() : kind;
      Optional<String> model = form.model();
      requireModel(model);
      Optional<String> language = form.language();
      boolean translation = form.flag("include_translation");
      boolean insights = form.flag("include_insights");
      OptionalLong durationMs = probe(kept);
      if (discarded.get()) {
        discardNow();
      }
      return new Upload(
          kept, found, filename, bytes, durationMs, model, language, translation, insights);
    }

    private void requireModel(Optional<String> model) {
      try {
        sessions.check(RecognitionRequest.DEFAULT.withModel(model));
      } catch (SessionRefusedException unknown) {
        throw unprocessable(String.valueOf(unknown.getMessage()));
      }
    }

    private OptionalLong probe(Path kept) {
      AudioProbe probe;
      try {
        probe = decoder.probe(kept);
      } catch (DecodeException e) {
        throw switch (e.reason()) {
          case BUSY ->
              RefusedRequestException.unavailable(
                  "All decoders are busy", java.time.Duration.ofSeconds(5));
          case UNAVAILABLE ->
              RefusedRequestException.unavailable(
                  "No decoder is available on this node", java.time.Duration.ofMinutes(1));
          case UNREADABLE,
              EMPTY,
              CRASHED,
              HUNG,
              TOO_LONG,
              TOO_MUCH_OUTPUT,
              TOO_MUCH_MEMORY,
              SINK_FAILED,
              CANCELLED ->
              unprocessable("The file is corrupt or holds no audio");
        };
      }
      OptionalLong durationMs = probe.durationMs();
      if (durationMs.isEmpty()) {
        requireAudio(kept);
      }
      if (durationMs.isPresent() && durationMs.getAsLong() == 0) {
        throw unprocessable("The file holds no audio");
      }
      if (durationMs.isPresent() && durationMs.getAsLong() > settings.maxDuration().toMillis()) {
        throw refused(
            HttpStatus.CONTENT_TOO_LARGE,
            "The recording is longer than " + settings.maxDuration().toMinutes() + " minutes");
      }
      return durationMs;
    }

    /** A file whose headers state no length may hold no audio. */
    private void requireAudio(Path kept) {
      try {
        decoder.decode(
            kept,
            DecodeRequest.mono(
                AudioInput.auto(), 8000, DecodeLimits.file().withOutputBytes(ENOUGH_BYTES)),
            pcm -> {},
            DecodeProgress.none());
      } catch (DecodeException e) {
        if (e.reason() == DecodeException.Reason.EMPTY
            || e.reason() == DecodeException.Reason.UNREADABLE) {
          throw unprocessable("The file is corrupt or holds no audio");
        }
        // Too much output proves that there is audio. Any other failure is the processing's to
        // report.
      }
    }

    /** Called when the client is gone or was refused; a running write finishes first. */
    void discard() {
      if (discarded.compareAndSet(false, true)) {
        blockingCalls.execute(this::discardNow);
      }
    }

    private synchronized void discardNow() {
      try {
        FileChannel out = channel;
        if (out != null) {
          out.close();
        }
      } catch (IOException e) {
        LOG.debug("closing a discarded upload", e);
      }
      Path kept = file;
      if (kept != null) {
        Upload.delete(kept);
      }
    }
  }

  /** The last part of whatever path a client sent, without control characters. */
  static String showable(String filename) {
    String last =
        filename.substring(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
    String clean = last.replaceAll("\\p{C}", "").strip();
    return clean.isEmpty() ? "audio" : clean.substring(0, Math.min(clean.length(), MAX_FILENAME));
  }
}
