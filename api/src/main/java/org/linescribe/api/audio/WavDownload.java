package org.linescribe.api.audio;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.session.encryption.DamagedFileException;
import org.linescribe.session.recordings.RecordingAudio;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRange;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A WAV file for download, whole or in one range, so that a player can seek. A request for several
 * ranges gets the whole, as RFC 9110 §14.2 allows. One in recording grows, and its tag changes with
 * it.
 *
 * <p>Source: RFC 9110 §13, §14.
 */
public final class WavDownload {
  private static final MediaType WAV = MediaType.parseMediaType("audio/wav");
  private static final int PIECE_BYTES = 1 << 16;

  private final RecordingAudio audio;
  private final BlockingCalls blocking;

  /**
   * @param audio as it is now
   * @param blocking where an encrypted one is read
   */
  public WavDownload(RecordingAudio audio, BlockingCalls blocking) {
    this.audio = audio;
    this.blocking = blocking;
  }

  private long bytes() {
    return audio.bytes();
  }

  private Instant modified() {
    return audio.modified();
  }

  private String tag() {
    return '"'
        + Long.toHexString(bytes())
        + "-"
        + Long.toHexString(modified().toEpochMilli())
        + '"';
  }

  /** Answers a GET or a HEAD. */
  public Mono<ServerResponse> serve(ServerRequest request) {
    return request
        .checkNotModified(modified(), tag())
        .switchIfEmpty(Mono.defer(() -> modified(request, this)));
  }

  private static Mono<ServerResponse> modified(ServerRequest request, WavDownload file) {
    HttpRange range = range(request, file);
    if (range == null) {
      return body(request, answer(HttpStatus.OK, file), file, 0, file.bytes());
    }
    long first;
    long last;
    try {
      first = range.getRangeStart(file.bytes());
      last = range.getRangeEnd(file.bytes());
    } catch (IllegalArgumentException beyond) {
      first = file.bytes();
      last = 0;
    }
    if (first >= file.bytes() || last < first) {
      return answer(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE, file)
          .header(HttpHeaders.CONTENT_RANGE, "bytes */" + file.bytes())
          .build();
    }
    ServerResponse.BodyBuilder answer =
        answer(HttpStatus.PARTIAL_CONTENT, file)
            .header(HttpHeaders.CONTENT_RANGE, "bytes " + first + "-" + last + "/" + file.bytes());
    return body(request, answer, file, first, last - first + 1);
  }

  private static @Nullable HttpRange range(ServerRequest request, WavDownload file) {
    String header = request.headers().firstHeader(HttpHeaders.RANGE);
    if (header == null || !request.method().equals(HttpMethod.GET)) {
      return null;
    }
    String unchanged = request.headers().firstHeader(HttpHeaders.IF_RANGE);
    if (unchanged != null && !unchanged.equals(file.tag())) {
      // A date would do by the RFC, but two changes within a second share one.
      return null;
    }
    try {
      List<HttpRange> ranges = HttpRange.parseRanges(header);
      return ranges.size() == 1 ? ranges.getFirst() : null;
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }

  private static ServerResponse.BodyBuilder answer(HttpStatus status, WavDownload file) {
    return ServerResponse.status(status)
        .header(HttpHeaders.ACCEPT_RANGES, "bytes")
        .header("X-Content-Type-Options", "nosniff")
        .cacheControl(CacheControl.noCache())
        .eTag(file.tag())
        .lastModified(file.modified().truncatedTo(ChronoUnit.SECONDS));
  }

  private static Mono<ServerResponse> body(
      ServerRequest request,
      ServerResponse.BodyBuilder answer,
      WavDownload file,
      long from,
      long bytes) {
    ServerResponse.BodyBuilder whole = answer.contentType(WAV).contentLength(bytes);
    if (request.method().equals(HttpMethod.HEAD)) {
      return whole.build();
    }
    Optional<Path> plain = file.audio.plain();
    if (plain.isPresent()) {
      return whole.body(
          (message, _) ->
              ((ZeroCopyHttpOutputMessage) message).writeWith(plain.get(), from, bytes));
    }
    // What cannot be decrypted is told while a status can still say so.
    return file.blocking
        .call(() -> file.firstPiece(from, bytes))
        .flatMap(
            first ->
                whole.body(
                    (message, _) ->
                        message.writeWith(
                            file.pieces(first, from, bytes, message.bufferFactory()))));
  }

  private byte[] firstPiece(long from, long bytes) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, bytes));
    try (ReadableByteChannel in = audio.open(from, bytes)) {
      while (piece.hasRemaining() && in.read(piece) >= 0) {
        continue;
      }
    } catch (EOFException shorter) {
      throw new DamagedFileException("it is shorter than it was");
    }
    return Arrays.copyOf(piece.array(), piece.position());
  }

  private Flux<DataBuffer> pieces(byte[] first, long from, long bytes, DataBufferFactory buffers) {
    Flux<DataBuffer> rest =
        first.length < PIECE_BYTES
            ? Flux.empty()
            : blocking.subscribedOn(
                DataBufferUtils.readByteChannel(
                    () -> audio.open(from + first.length, bytes - first.length),
                    buffers,
                    PIECE_BYTES));
    return Flux.concat(Mono.fromSupplier(() -> buffers.wrap(first)), rest);
  }
}
