package org.linescribe.api.audio;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.media.format.DecodeException;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source of one WebSocket client whose protocol others have defined: opens its session, brings
 * its audio in, and closes the client with the reason where that cannot be.
 *
 * <p>Thread: the peer's event loop, but for the calls of {@link SourceListener} and {@link #send}.
 */
public final class SocketSource implements SourceListener, SocketFeed.Watch {
  private static final Logger LOG = LoggerFactory.getLogger(SocketSource.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final WebSocketPeer peer;
  private final Client client;
  private final AudioSources sources;
  private final ProtocolMeters meters;
  private volatile @Nullable SocketAudio audio;
  private final LongAdder samples = new LongAdder();
  private volatile int samplesPerSecond = 1;
  private volatile boolean refused;

  /** What a protocol tells its client. */
  public interface Client {
    /** The session takes audio, what was held back first. Thread: the event loop. */
    void opened(SessionSource source);

    /** Thread: the session's; must not block. */
    void heard(TranscriptEvent event);

    /** The client is about to be closed because something failed. Thread: any. */
    void failing(WebSocketClose close);
  }

  public SocketSource(
      WebSocketPeer peer, Client client, AudioSources sources, ProtocolMeters meters) {
    this.peer = peer;
    this.client = client;
    this.sources = sources;
    this.meters = meters;
  }

  /**
   * Opens the session of a client that sends one stream: each channel is a leg, or all are the
   * request's only one. Nothing more is read until it is open.
   */
  public void open(SourceRequest request, AudioFormat format) {
    open(request, format, 1, request.legs().size());
  }

  /** As {@link #open} for a client that says of each message to which leg it belongs. */
  public void openTracks(SourceRequest request, AudioFormat format) {
    open(request, format, request.legs().size(), 1);
  }

  private void open(SourceRequest request, AudioFormat format, int tracks, int legsOfTrack) {
    SocketAudio decoder =
        new SocketAudio(
            peer,
            format,
            tracks,
            legsOfTrack,
            sources.ffmpeg(),
            sources.blockingCalls(),
            sources.settings().finishWithin(),
            this,
            this::undecodable);
    audio = decoder;
    samplesPerSecond = request.legs().stream().mapToInt(SourceRequest.Leg::sampleRateHz).sum();
    peer.pauseReading();
    sources
        .blockingCalls()
        .execute(
            () -> {
              try {
                SessionSource source =
                    sources
                        .sessions()
                        .open(
                            request.inTrace(peer.request().header(SourceRequest.TRACE_PARENT)),
                            this);
                peer.execute(() -> opened(decoder, source));
              } catch (SessionRefusedException no) {
                LOG.info("Session {} not opened: {}", request.sessionId(), no.getMessage());
                refuse(no.reason().name().toLowerCase(Locale.ROOT), WebSocketClose.of(no));
              } catch (RuntimeException bug) {
                LOG.error("Session {} could not be opened", request.sessionId(), bug);
                refuse("failed", WebSocketClose.FAILED);
              }
            });
  }

  private void opened(SocketAudio decoder, SessionSource source) {
    meters.opened();
    if (decoder.opened(source)) {
      client.opened(source);
      if (!decoder.holdsBack()) {
        peer.resumeReading();
      }
    }
  }

  /** What the client asks for cannot be given; what it sends from now on is ignored. */
  public void refuse(String reason, WebSocketClose close) {
    refused = true;
    meters.refused(reason);
    client.failing(close);
    peer.close(close);
  }

  /** As {@link #refuse}, for a request that is wrong. */
  public void badRequest(String words) {
    refuse("bad_request", WebSocketClose.badRequest(words));
  }

  /** Whether a session was asked for, or the client refused. */
  public boolean isBegun() {
    return audio != null || refused;
  }

  /** The source while it takes audio, else null. */
  public @Nullable SessionSource source() {
    return audio == null ? null : audio.source();
  }

  public void write(byte[] bytes) {
    write(0, bytes);
  }

  public void write(int track, byte[] bytes) {
    if (audio != null) {
      audio.write(track, bytes);
    }
  }

  /**
   * @param then comes when the audio that this has completed is in the session
   */
  public void write(byte[] bytes, Consumer<SessionSource> then) {
    if (audio != null) {
      audio.write(bytes, then);
    }
  }

  /** Advances a leg past what the client did not send, where nothing waits before it. */
  public boolean skip(int leg, int samples) {
    return audio != null && audio.skip(leg, samples);
  }

  /** Of audio that the session has taken. Thread: any. */
  public double seconds() {
    return samples.sum() / (double) samplesPerSecond;
  }

  @Override
  public void paused() {
    meters.paused();
  }

  @Override
  public void took(int taken) {
    samples.add(taken);
  }

  @Override
  public void lost(int left) {
    meters.lost(left);
  }

  /** The client lives, though it has no audio now: the session's idle time begins anew. */
  public void keepAlive() {
    SessionSource to = source();
    if (to != null) {
      to.skip(0, 0);
    }
  }

  /** Does it when the audio that came so far is in the session. */
  public void afterAudio(Consumer<SessionSource> step) {
    if (audio != null) {
      audio.afterAudio(step);
    }
  }

  /**
   * What was said so far becomes final.
   *
   * @param then runs on the session's thread, when the finals are told
   */
  public void flush(Consumer<SessionSource> then) {
    afterAudio(
        source ->
            source
                .flush()
                .whenComplete(
                    (_, failure) -> {
                      if (failure != null) {
                        LOG.warn("Session {} was not flushed", source.sessionId(), failure);
                      }
                      then.accept(source);
                    }));
  }

  /**
   * Ends the session when the audio is in it.
   *
   * @param then runs, on any thread, when the last final is told
   */
  public void end(String reason, Consumer<SessionSource> then) {
    SocketAudio ending = audio;
    if (ending != null) {
      ending.afterEnd(source -> ending.end(reason).whenComplete((_, _) -> then.accept(source)));
    }
  }

  /** The client is gone. */
  public void gone() {
    if (audio != null) {
      audio.clientGone();
    }
  }

  /** Sends what must arrive: a client that has left too much unread is closed. Thread: any. */
  public void send(String message) {
    if (!peer.send(message) && peer.isOpen()) {
      peer.close(WebSocketClose.TOO_SLOW);
    }
  }

  private void undecodable(IOException failure) {
    LOG.info("The audio of {} cannot be decoded: {}", peer.remoteAddress(), failure.getMessage());
    boolean busy =
        failure instanceof DecodeException e && e.reason() == DecodeException.Reason.BUSY;
    refuse(
        busy ? "decoders" : "undecodable",
        busy
            ? WebSocketClose.tryAgain("all decoders are in use", RETRY_AFTER)
            : WebSocketClose.badRequest("audio: not decodable"));
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    client.heard(event);
  }

  @Override
  public void onWritable() {
    SocketAudio decoder = audio;
    if (decoder != null) {
      decoder.onWritable();
    }
  }

  @Override
  public void onClosed(SourceClosed reason) {
    WebSocketClose close = WebSocketClose.of(reason);
    client.failing(close);
    peer.close(close);
    SocketAudio decoder = audio;
    if (decoder != null) {
      decoder.sourceClosed();
    }
  }
}
