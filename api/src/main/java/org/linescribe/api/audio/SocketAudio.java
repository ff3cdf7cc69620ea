package org.linescribe.api.audio;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.websocket.WebSocketClose;
import org.linescribe.api.websocket.WebSocketPeer;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.StreamDecoder;
import org.linescribe.session.BlockingAudioWriter;
import org.linescribe.session.SessionSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes a WebSocket client's audio of any {@link AudioFormat} and feeds it to its session's legs.
 *
 * <p>Audio without a container is decoded on the event loop. A container, which is found by its
 * first bytes where PCM is announced, too, needs FFmpeg, which blocks: its messages, and those that
 * come before the format is known, are decoded on a virtual thread while nothing more is read of
 * the client.
 *
 * <p>Thread: the peer's event loop, but for {@link #onWritable} and {@link #sourceClosed}.
 */
public final class SocketAudio {
  private static final Logger LOG = LoggerFactory.getLogger(SocketAudio.class);

  private final WebSocketPeer peer;
  private final BlockingCalls blockingCalls;
  private final SocketFeed.Watch watch;
  private final Consumer<IOException> whenUndecodable;
  private final BlockingAudioWriter writer;
  private final SocketFeed feed;
  private final List<Track> tracks;

  /** Whether the decoder is in use on the event loop, and not on a virtual thread or a child's. */
  private volatile boolean onEventLoop;

  private boolean decoding;
  private boolean undecodable;
  private boolean gone;

  /** A stream of audio within the connection. */
  private final class Track {
    private final int firstLeg;
    private final LegConverter converter;
    private final @Nullable StreamDecoder container;
    private final RawAudio raw;

    Track(AudioFormat format, int firstLeg, int legs, Ffmpeg ffmpeg) {
      this.firstLeg = firstLeg;
      this.converter = new LegConverter(format.sampleRateHz(), format.channels(), legs);
      this.raw = new RawAudio(format);
      this.container =
          !isDetected(format)
              ? null
              : new StreamDecoder(
                  ffmpeg,
                  format.sampleRateHz(),
                  format.channels(),
                  Optional.empty(),
                  DecodeLimits.live(),
                  this::toLegs);
    }

    /** Clients that announce PCM send whole files all the same. */
    private static boolean isDetected(AudioFormat format) {
      return format.encoding() == AudioFormat.Encoding.CONTAINER
          || format.encoding() == AudioFormat.Encoding.PCM16 && format.channels() <= 2;
    }

    boolean isDirect() {
      return container == null || container.isDirect();
    }

    boolean hasPartialFrame() {
      return container == null ? raw.hasPartialFrame() : container.hasPartialFrame();
    }

    void write(byte[] bytes) throws IOException {
      if (container == null) {
        short[] pcm = raw.decode(bytes);
        toLegs(pcm);
      } else {
        container.write(bytes, 0, bytes.length);
      }
    }

    /** Thread: the event loop where {@link #onEventLoop}, else the decoder's. */
    private void toLegs(short[] pcm) throws IOException {
      toSource(converter.process(pcm, 0, pcm.length));
    }

    private void toSource(List<short[]> legs) throws IOException {
      for (int leg = 0; leg < legs.size(); leg++) {
        SocketAudio.this.toSource(firstLeg + leg, legs.get(leg));
      }
    }

    void drain() throws IOException {
      if (container == null) {
        toLegs(raw.drain());
      }
      toSource(converter.drain());
    }

    void finish() throws IOException {
      if (container != null) {
        container.finish();
      }
      drain();
    }

    void close() {
      if (container != null) {
        container.close();
      }
    }
  }

  /**
   * @param tracks streams of the client: 1, or several where it says of each message which it
   *     belongs to
   * @param legs of each track: 1, or as many as the format has channels
   * @param finishWithin how long audio may wait for the session
   * @param whenUndecodable told once, on the event loop; the audio after it is dropped
   */
  public SocketAudio(
      WebSocketPeer peer,
      AudioFormat format,
      int tracks,
      int legs,
      Ffmpeg ffmpeg,
      BlockingCalls blockingCalls,
      Duration finishWithin,
      SocketFeed.Watch watch,
      Consumer<IOException> whenUndecodable) {
    this.peer = peer;
    this.blockingCalls = blockingCalls;
    this.watch = watch;
    this.whenUndecodable = whenUndecodable;
    this.writer = new BlockingAudioWriter(finishWithin);
    this.feed = new SocketFeed(peer, tracks * legs, finishWithin, watch);
    this.tracks =
        IntStream.range(0, tracks)
            .mapToObj(track -> new Track(format, track, legs, ffmpeg))
            .toList();
  }

  /**
   * The session takes audio now.
   *
   * @return whether there still is a client to read from, and a session that takes what it sends
   */
  public boolean opened(SessionSource source) {
    return feed.opened(source);
  }

  /** The source while it takes audio; null before it is open and when it is over. */
  public @Nullable SessionSource source() {
    return feed.source();
  }

  /** Whether reading is held back, until a decoder or the session has space again. */
  boolean holdsBack() {
    return decoding || feed.holdsBack();
  }

  /** Whether the stream stopped within a sample so far. */
  public boolean hasPartialFrame() {
    return tracks.getFirst().hasPartialFrame();
  }

  public void write(byte[] bytes) {
    write(0, bytes);
  }

  public void write(int track, byte[] bytes) {
    decode(() -> tracks.get(track).write(bytes), () -> {});
  }

  /**
   * @param then comes when the audio that this has completed is in the session
   */
  public void write(byte[] bytes, Consumer<SessionSource> then) {
    decode(() -> tracks.getFirst().write(bytes), () -> feed.afterAudio(then));
  }

  /** As {@link SocketFeed#skip}, in samples of the leg. */
  public boolean skip(int leg, int samples) {
    return feed.skip(leg, samples);
  }

  /** What was said until now is to be in the session before the step. */
  public void afterAudio(Consumer<SessionSource> step) {
    if (tracks.stream().allMatch(Track::isDirect)) {
      decode(
          () -> {
            for (Track track : tracks) {
              track.drain();
            }
          },
          () -> feed.afterAudio(step));
    } else {
      feed.afterAudio(step);
    }
  }

  /** Ends the audio; the step comes when all of it is in the session. */
  public void afterEnd(Consumer<SessionSource> step) {
    decode(this::finish, () -> feed.afterAudio(step));
  }

  /** Ends the source; what still waits is lost. Idempotent. */
  public CompletionStage<Void> end(String reason) {
    return feed.end(reason);
  }

  private void finish() throws IOException {
    for (Track track : tracks) {
      track.finish();
    }
  }

  /** The client is gone: the source ends when what came of it is in the session. */
  public void clientGone() {
    gone = true;
    if (!decoding) {
      finishGone();
    }
  }

  private void finishGone() {
    gone = false;
    if (undecodable || feed.source() == null) {
      feed.clientGone();
    } else {
      decode(
          this::finish,
          () -> {
            tracks.forEach(Track::close);
            feed.clientGone();
          });
    }
  }

  /** The session has space again. Thread: any. */
  public void onWritable() {
    writer.wake();
    peer.execute(feed::handOn);
  }

  /** The session has closed its source. Thread: any. */
  public void sourceClosed() {
    writer.close();
    tracks.forEach(Track::close);
    peer.execute(feed::sourceClosed);
  }

  /** Work of a decoder. */
  private interface Decoding {
    void run() throws IOException;
  }

  /**
   * @param then runs on the event loop when the decoding has succeeded
   */
  private void decode(Decoding work, Runnable then) {
    if (feed.source() == null || undecodable) {
      return;
    }
    if (tracks.stream().allMatch(Track::isDirect)) {
      onEventLoop = true;
      try {
        work.run();
      } catch (IOException failed) {
        failed(failed);
        return;
      } finally {
        onEventLoop = false;
      }
      then.run();
      return;
    }
    decoding = true;
    peer.pauseReading();
    blockingCalls.execute(() -> decodeBlocking(work, then));
  }

  private void decodeBlocking(Decoding work, Runnable then) {
    try {
      work.run();
      peer.execute(
          () -> {
            decoding = false;
            then.run();
            if (gone) {
              finishGone();
            } else {
              peer.resumeReading();
            }
          });
    } catch (IOException failed) {
      peer.execute(() -> failed(failed));
    } catch (RuntimeException bug) {
      LOG.error("A message of {} could not be decoded", peer.remoteAddress(), bug);
      peer.close(WebSocketClose.FAILED);
    }
  }

  private void failed(IOException failure) {
    decoding = false;
    undecodable = true;
    tracks.forEach(Track::close);
    whenUndecodable.accept(failure);
    if (gone) {
      finishGone();
    }
  }

  private void toSource(int leg, short[] pcm) throws IOException {
    SessionSource to = feed.source();
    if (onEventLoop) {
      feed.take(leg, pcm);
    } else if (to != null) {
      watch.took(writer.write(to, leg, pcm, 0, pcm.length));
    }
  }
}
