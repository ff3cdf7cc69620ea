package org.linescribe.gateway.audiosocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.leg.OperatedCall;
import org.linescribe.gateway.leg.OperatedSource;
import org.linescribe.media.resample.Resampler;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.OpenCall;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel's audio. The first frame names the session, the first audio frame its rate. Audio
 * that the session does not take waits here, and nothing more is read: TCP holds Asterisk back. A
 * pause of the transcript holds nothing back: what was said in it must not wait for its end. What
 * ends the connection for another reason than Asterisk's is told to it as a hangup, the one message
 * for it that the protocol has in this direction.
 *
 * <p>Thread: the channel's event loop; {@link SourceListener} calls come from the session.
 */
final class AudioSocketConnection extends SimpleChannelInboundHandler<ByteBuf>
    implements SourceListener, OperatedSource {
  private static final Logger LOG = LoggerFactory.getLogger(AudioSocketConnection.class);
  private static final Duration FINISH_WITHIN = Duration.ofSeconds(60);
  private static final String KIND = "audiosocket";
  private static final String CODEC = "pcm16";
  private static final int LEG = 0;

  private final Sessions sessions;
  private final String owner;
  private final Executor blocking;
  private final AudioSocketMeters meters;
  private final OperatedCall call;
  private volatile @Nullable ChannelHandlerContext context;
  private String peer = "";
  private volatile @Nullable SessionId sessionId;
  private @Nullable SessionSource source;
  private @Nullable Resampler resampler;
  private int rateHz;
  private final WaitingAudio waiting = new WaitingAudio();
  private boolean opening;

  /** Why no more audio is taken from the connection; null while it is. */
  private @Nullable String endReason;

  private boolean over;

  AudioSocketConnection(
      Sessions sessions,
      String owner,
      Executor blocking,
      AudioSocketMeters meters,
      Clock clock,
      CallLog callLog) {
    this.sessions = sessions;
    this.owner = owner;
    this.blocking = blocking;
    this.meters = meters;
    this.call = new OperatedCall(KIND, "tcp", clock, callLog, blocking);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    context = active;
    peer = active.channel().remoteAddress().toString().replaceFirst("^/", "");
    active.read();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext from, ByteBuf frame) {
    if (endReason != null) {
      return;
    }
    int kind = frame.readUnsignedByte();
    frame.readUnsignedShort();
    OptionalInt audioRateHz = AudioSocketFrame.rateHz(kind);
    if (audioRateHz.isPresent()) {
      audio(frame, audioRateHz.getAsInt());
    } else if (kind == AudioSocketFrame.UUID_OF_CALL && frame.readableBytes() == 16) {
      if (sessionId == null) {
        sessionId = new SessionId(AudioSocketFrame.uuid(frame).toString());
      }
    } else if (kind == AudioSocketFrame.HANGUP) {
      end("hangup");
    } else if (kind == AudioSocketFrame.DTMF) {
      meters.digits.increment();
    } else if (kind == AudioSocketFrame.ERROR) {
      end("error");
    } else {
      meters.badFrames.increment();
      refuse("a frame of kind " + kind);
    }
  }

  private void audio(ByteBuf frame, int frameRateHz) {
    SessionId id = sessionId;
    if (id == null || rateHz != 0 && rateHz != frameRateHz) {
      meters.badFrames.increment();
      refuse(id == null ? "audio before the UUID" : "another rate in mid stream");
      return;
    }
    short[] pcm = new short[frame.readableBytes() / Short.BYTES];
    for (int i = 0; i < pcm.length; i++) {
      pcm[i] = frame.readShortLE();
    }
    if (call.isPaused()) {
      Arrays.fill(pcm, (short) 0);
    }
    if (rateHz == 0) {
      rateHz = frameRateHz;
      call.started();
      resampler = frameRateHz == legRateHz() ? null : new Resampler(frameRateHz, legRateHz());
      take(pcm);
      open(id, legRateHz());
    } else {
      take(pcm);
      handOn();
    }
  }

  private int legRateHz() {
    return rateHz == 8000 ? 8000 : 16_000;
  }

  private void take(short[] pcm) {
    Resampler converter = resampler;
    short[] converted = pcm;
    if (converter != null) {
      short[] out = new short[converter.maxOutput(pcm.length)];
      converted = Arrays.copyOf(out, converter.process(pcm, 0, pcm.length, out, 0));
    }
    if (call.isPaused()) {
      waiting.silence(converted.length);
    } else {
      waiting.audio(converted);
    }
  }

  /** Nothing more is read until the session is open. */
  private void open(SessionId id, int legRateHz) {
    opening = true;
    SourceRequest request =
        new SourceRequest(
            id,
            KIND,
            Optional.of(owner),
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, legRateHz)),
            RecognitionRequest.DEFAULT,
            Map.of(SessionRecord.CALL_ID, id.value(), "codec", CODEC));
    blocking.execute(
        () -> {
          try {
            SessionSource opened = sessions.open(request, this);
            if (!onLoop(() -> opened(opened))) {
              opened.end("draining");
            }
          } catch (SessionRefusedException no) {
            onLoop(() -> refuse(String.valueOf(no.getMessage())));
          } catch (RuntimeException bug) {
            LOG.error("Session {} could not be opened", id, bug);
            onLoop(() -> refuse("an internal error"));
          }
        });
  }

  private void opened(SessionSource opened) {
    opening = false;
    meters.opened.increment();
    if (over) {
      opened.end("disconnect");
      return;
    }
    source = opened;
    call.opened();
    handOn();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    // The next read is asked for when this one's audio is in the session.
    if ((waiting.isEmpty() || call.isPaused()) && endReason == null) {
      from.read();
    }
  }

  private void handOn() {
    SessionSource to = source;
    if (to == null || over) {
      return;
    }
    waiting.handOn(to, LEG);
    if (!waiting.isEmpty()) {
      meters.pauses.increment(call.isPaused() ? 0 : 1);
    } else if (endReason == null) {
      channel().read();
    } else {
      finish();
    }
  }

  /** No more audio comes: the session ends when what came is in it. */
  private void end(String reason) {
    if (endReason != null) {
      return;
    }
    endReason = reason;
    Resampler converter = resampler;
    if (converter != null) {
      short[] out = new short[converter.maxOutput(0)];
      waiting.audio(Arrays.copyOf(out, converter.drain(out, 0)));
    }
    if (source == null && !opening) {
      finish();
      return;
    }
    channel().executor().schedule(this::finish, FINISH_WITHIN.toSeconds(), TimeUnit.SECONDS);
    handOn();
  }

  /** Idempotent. */
  private void finish() {
    if (over) {
      return;
    }
    over = true;
    meters.lostSamples.increment(waiting.drop());
    SessionSource to = source;
    if (to != null) {
      to.end(String.valueOf(endReason));
      source = null;
    }
    if (sessionId != null && call.isStarted()) {
      call.ended(seen(sessionId), String.valueOf(endReason));
    }
    channel().close();
  }

  @Override
  public CompletableFuture<Optional<OpenCall>> call() {
    ChannelHandlerContext active = context;
    if (active == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return CompletableFuture.supplyAsync(
        () ->
            over || endReason != null
                ? Optional.empty()
                : Optional.ofNullable(sessionId).filter(_ -> call.isStarted()).map(this::seen),
        active.executor());
  }

  private OpenCall seen(SessionId id) {
    SessionSource from = source;
    long waitingMs = 1000L * waiting.samples() / Math.max(1, legRateHz());
    long backlogMs = waitingMs + (from == null ? 0 : from.backlogMs(LEG));
    LegQuality quality = new LegQuality(SourceRequest.Leg.CALLER, CODEC, 0, 0, 0, 0, 0, backlogMs);
    return call.seen(id, peer, List.of(quality));
  }

  @Override
  public boolean isOf(SessionId id) {
    return id.equals(sessionId);
  }

  @Override
  public boolean hangUp() {
    return onLoop(
        () -> {
          if (endReason == null) {
            tellHangup();
            end("hangup");
          }
        });
  }

  /** What waits here was said before, and is not left out; what waits in the connection is. */
  @Override
  public boolean pause(boolean on) {
    return onLoop(
        () -> {
          call.pause(on, source);
          if (on && endReason == null) {
            channel().read();
          }
        });
  }

  @Override
  public boolean mark(CallMark mark) {
    return onLoop(() -> call.mark(mark, source));
  }

  private void refuse(String why) {
    LOG.info("AudioSocket of {} closed: {}", peer, why);
    meters.refused.increment();
    opening = false;
    tellHangup();
    end("failed");
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    end("disconnect");
    gone.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext of, Object event) {
    if (event instanceof IdleStateEvent) {
      end("idle");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext of, Throwable lost) {
    LOG.debug("An AudioSocket connection was lost", lost);
    end("disconnect");
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    // Readers have them; the protocol carries none.
  }

  @Override
  public void onWritable() {
    onLoop(this::handOn);
  }

  @Override
  public void onClosed(SourceClosed reason) {
    onLoop(
        () -> {
          source = null;
          opening = false;
          tellHangup();
          end(reason.name().toLowerCase(Locale.ROOT));
        });
  }

  private void tellHangup() {
    ChannelHandlerContext to = channel();
    to.writeAndFlush(
        to.alloc().buffer(AudioSocketFrame.HEADER_BYTES).writeZero(AudioSocketFrame.HEADER_BYTES));
  }

  /** False when the server is closed and the task will not run. */
  private boolean onLoop(Runnable task) {
    try {
      channel().executor().execute(task);
      return true;
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  private ChannelHandlerContext channel() {
    ChannelHandlerContext active = context;
    if (active == null) {
      throw new IllegalStateException("not connected yet");
    }
    return active;
  }
}
