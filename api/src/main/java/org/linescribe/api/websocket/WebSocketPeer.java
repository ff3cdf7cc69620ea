package org.linescribe.api.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.ApiSettings;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.netty.Connection;

/**
 * The client at the other end of a WebSocket.
 *
 * <p>Sending: messages are written while the client reads them; what it does not read waits in a
 * bounded outbox. Reading: one message at a time, none while paused; what comes meanwhile is read
 * ahead, within a budget, so that the client's close is heard and answered. The client is pinged;
 * one that is silent for {@link ApiSettings#deadAfter} and reads nothing either is taken for dead.
 * A close from this side first writes the queued messages, then the close frame, then reads on (and
 * discards) until the client has answered: closing at once would reset the connection under a
 * client that is sending, and the reason would be lost with it.
 *
 * <p>Thread: the sending methods, {@link #close} and {@link #execute} may be called by any; the
 * others belong to the peer's event loop, which also calls the receiver.
 *
 * <p>Source: RFC 6455.
 */
public final class WebSocketPeer {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketPeer.class);

  private final Channel channel;
  private final WebSocketRequest request;
  private final ApiSettings settings;
  private final DataSize maxMessage;
  private final WebSocketMeters meters;
  private final SocketWriter writer;
  private final Inbound inbound = new Inbound();
  private final FrameAssembly assembly;
  private final KeepAlive keepAlive;
  private final ReadAhead ahead;
  private final List<Runnable> whenGone = new ArrayList<>();

  private @Nullable WebSocketReceiver receiver;
  private @Nullable WebSocketClose closing;
  private boolean gone;
  private boolean readingPaused;

  WebSocketPeer(
      Connection connection,
      WebSocketRequest request,
      ApiSettings settings,
      DataSize maxMessage,
      ReadAhead.Budget budget,
      WebSocketMeters meters) {
    this.channel = connection.channel();
    this.request = request;
    this.settings = settings;
    this.maxMessage = maxMessage;
    this.meters = meters;
    this.ahead = new ReadAhead(budget);
    this.assembly = new FrameAssembly(maxMessage.toBytes());
    this.keepAlive = new KeepAlive(channel, settings, this::dead, System::nanoTime);
    this.writer = new SocketWriter(channel, keepAlive::sign);
  }

  /** The upgrade's request. */
  public WebSocketRequest request() {
    return request;
  }

  /** Where the client is, for logs. */
  public String remoteAddress() {
    return String.valueOf(channel.remoteAddress());
  }

  /** Whether the client is neither gone nor being closed. Any thread; it may change at once. */
  public boolean isOpen() {
    return writer.outbox().isOpen();
  }

  /**
   * Queues a message that must arrive.
   *
   * @return false when the client has not read the many before it, or is gone: nothing was taken
   */
  public boolean send(String text) {
    boolean taken = writer.outbox().offer(text);
    writer.write();
    return taken;
  }

  /**
   * Sends a message that only matters while it is new: where the client reads too slowly it gives
   * way to the next message of either kind.
   */
  public void sendLatest(String text) {
    writer.outbox().offerLatest(text);
    writer.write();
  }

  /**
   * Like {@link #send}, but waits until the queue is not full; never call it on an event loop.
   *
   * @return false when the client is gone
   */
  public boolean sendWaiting(String text) throws InterruptedException {
    if (channel.eventLoop().inEventLoop()) {
      throw new IllegalStateException("sendWaiting on an event loop");
    }
    boolean taken = writer.outbox().offerWaiting(text);
    writer.write();
    return taken;
  }

  /**
   * Messages sent so far. A message is counted before the client can have it, so that whoever notes
   * this number when a message of the client arrives knows whether an answer left since.
   */
  public long sent() {
    return writer.outbox().offered();
  }

  /** Delivers no message until {@link #resumeReading}. */
  public void pauseReading() {
    readingPaused = true;
    keepAlive.pause();
  }

  public void resumeReading() {
    if (readingPaused) {
      readingPaused = false;
      keepAlive.resume();
      inbound.deliverWaiting();
    }
  }

  /** Runs on the peer's event loop, soon; the loop outlives the peer. */
  public void execute(Runnable task) {
    channel.eventLoop().execute(() -> guarded(task));
  }

  /** Runs on the peer's event loop after a delay, whether or not the client is gone by then. */
  public void schedule(Runnable task, Duration delay) {
    channel.eventLoop().schedule(() -> guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Writes the queued messages, then closes. The first reason counts. The receiver gets no more
   * messages, and {@link WebSocketReceiver#onGone} when the client is gone.
   */
  public void close(WebSocketClose reason) {
    writer.outbox().close();
    if (channel.eventLoop().inEventLoop()) {
      beginClose(reason);
    } else {
      channel.eventLoop().execute(() -> beginClose(reason));
    }
  }

  /** Hands the peer to its API. Thread: the event loop. */
  void start(Connection connection, WebSocketEndpoint endpoint, Flux<?> frames) {
    connection.addHandlerLast("linescribe-writer", writer);
    Discard.letUsCloseOnViolation(channel, Math.toIntExact(maxMessage.toBytes()));
    keepAlive.start();
    guarded(() -> receiver = endpoint.connected(this));
    frames.subscribe(inbound);
  }

  /** Gives up a peer that could not be started. Thread: the event loop. */
  void abandon() {
    gone();
  }

  /** Runs once, after the receiver was told. */
  void whenGone(Runnable task) {
    whenGone.add(task);
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error bug) {
      LOG.error("A WebSocket endpoint failed; closing its client {}", remoteAddress(), bug);
      meters.failure();
      close(WebSocketClose.FAILED);
    }
  }

  private void beginClose(WebSocketClose reason) {
    if (closing != null || gone) {
      return;
    }
    closing = reason;
    meters.closed(reason);
    keepAlive.stop();
    writer.closeAfterQueued(reason);
    resumeReading();
    channel
        .eventLoop()
        .schedule(
            () -> {
              channel.close();
            },
            settings.closeWithin().toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private void dead() {
    LOG.info("A WebSocket peer gave no sign of life, closing: {}", remoteAddress());
    meters.dead();
    keepAlive.stop();
    channel.close();
  }

  /** Nothing comes or goes any more; what was read ahead is still delivered. */
  private void disconnected() {
    writer.outbox().close();
    keepAlive.stop();
    inbound.ended = true;
    inbound.deliverWaiting();
  }

  private void gone() {
    if (gone) {
      return;
    }
    gone = true;
    writer.outbox().close();
    keepAlive.stop();
    ahead.clear();
    meters.droppedPartials(writer.outbox().dropped());
    if (receiver != null) {
      guarded(receiver::onGone);
    }
    whenGone.forEach(Runnable::run);
    channel.close();
  }

  private void deliver(FrameAssembly.Message message) {
    WebSocketReceiver to = receiver;
    if (to == null) {
      return;
    }
    guarded(
        () -> {
          switch (message) {
            case FrameAssembly.Binary binary -> to.onBinary(binary.bytes());
            case FrameAssembly.Text text -> to.onText(text.text());
          }
        });
  }

  /** Takes frames one by one. */
  private final class Inbound extends BaseSubscriber<Object> {
    private boolean waiting;
    private boolean delivering;
    private boolean ended;

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      waiting = true;
      readNext();
    }

    private void readNext() {
      if (waiting && (!readingPaused || ahead.hasSpace())) {
        waiting = false;
        request(1);
      }
    }

    /** Delivers what was read ahead, until the receiver pauses; then reads on, or is at the end. */
    private void deliverWaiting() {
      if (delivering) {
        return;
      }
      delivering = true;
      try {
        while (!readingPaused && closing == null && !ahead.isEmpty()) {
          deliver(Objects.requireNonNull(ahead.poll()));
        }
      } finally {
        delivering = false;
      }
      if (!ended) {
        readNext();
      } else if (ahead.isEmpty() || closing != null) {
        gone();
      }
    }

    @Override
    protected void hookOnNext(Object frame) {
      keepAlive.sign();
      if (closing == null) {
        take(frame);
      }
      waiting = true;
      deliverWaiting();
    }

    private void take(Object frame) {
      switch (assembly.add(frame)) {
        case FrameAssembly.Whole whole -> ahead.add(whole.message());
        case FrameAssembly.Ping ping -> pong(ping.payload());
        case FrameAssembly.NotUtf8 _ -> close(WebSocketClose.NOT_UTF8);
        case FrameAssembly.TooBig _ -> {
          meters.tooBig();
          close(WebSocketClose.tooBig(maxMessage.toBytes()));
        }
        case FrameAssembly.Nothing _ -> {}
      }
    }

    private void pong(ByteBuf payload) {
      if (channel.isWritable()) {
        channel.writeAndFlush(new PongWebSocketFrame(payload));
      } else {
        payload.release();
      }
    }

    @Override
    protected void hookOnComplete() {
      disconnected();
    }

    @Override
    protected void hookOnError(Throwable lost) {
      if (lost instanceof CorruptedWebSocketFrameException violation && channel.isActive()) {
        refuse(violation);
      } else {
        LOG.debug("A WebSocket connection was lost: {}", remoteAddress(), lost);
        disconnected();
      }
    }

    /** Frames cannot be told apart from here on; the client is to read why before it is cut off. */
    private void refuse(CorruptedWebSocketFrameException violation) {
      boolean tooBig = WebSocketCloseStatus.MESSAGE_TOO_BIG.equals(violation.closeStatus());
      if (tooBig) {
        meters.tooBig();
      }
      channel.closeFuture().addListener(_ -> gone());
      Discard.insteadOfFrames(channel);
      close(
          tooBig
              ? WebSocketClose.tooBig(maxMessage.toBytes())
              : new WebSocketClose(
                  violation.closeStatus().code(), String.valueOf(violation.getMessage())));
    }
  }
}
