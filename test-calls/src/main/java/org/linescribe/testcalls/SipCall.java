package org.linescribe.testcalls;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.InvalidArgumentException;
import javax.sip.ResponseEvent;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.header.CSeqHeader;
import javax.sip.header.ContactHeader;
import javax.sip.header.ExtensionHeader;
import javax.sip.header.RetryAfterHeader;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.g711.G711Law;

/**
 * One outgoing SIP call: INVITE, dialog and RTP.
 *
 * <p>Thread: the call's own thread opens, plays and closes it; the stack's threads complete its
 * futures.
 */
final class SipCall implements OpenCall {
  private static final int RING_S = 60;
  private static final int BYE_S = 3;

  private final SipTarget target;
  private final G711Law law;
  private final RtpStream rtp;
  private final SipProvider provider;
  private final Duration noResponse;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private final AtomicBoolean byeSent = new AtomicBoolean();
  private final Consumer<SipCall> onClosed;
  private final CompletableFuture<Integer> anyResponse = new CompletableFuture<>();
  private final CompletableFuture<Response> answered = new CompletableFuture<>();
  private final CompletableFuture<Integer> byeAnswered = new CompletableFuture<>();
  private volatile boolean abandoned;
  private volatile boolean endedByPeer;
  private volatile @Nullable InetSocketAddress remoteRtp;
  private volatile @Nullable ClientTransaction invite;
  private @Nullable Dialog dialog;
  private String sessionId = "";
  private volatile boolean closed;

  SipCall(
      SipTarget target,
      G711Law law,
      RtpStream rtp,
      SipProvider provider,
      Duration noResponse,
      Consumer<SipCall> onClosed) {
    this.target = target;
    this.law = law;
    this.rtp = rtp;
    this.provider = provider;
    this.noResponse = noResponse;
    this.onClosed = onClosed;
  }

  /** Sends the INVITE and returns when it is answered with audio. */
  void open(ClientTransaction transaction, String askedSessionId)
      throws CallFailedException, InterruptedException {
    invite = transaction;
    try {
      transaction.sendRequest();
      anyResponse.get(noResponse.toMillis(), TimeUnit.MILLISECONDS);
      Response ok = answered.get(RING_S, TimeUnit.SECONDS);
      dialog = transaction.getDialog();
      sessionId =
          ok.getHeader(SipCaller.SESSION_ID_HEADER) instanceof ExtensionHeader given
              ? given.getValue()
              : askedSessionId;
      AudioDescription audio = description(ok);
      if (audio == null || !audio.payloadTypes().contains(law.payloadType()) || !audio.receives()) {
        hangUp();
        throw new CallFailedException(
            CallFailedException.Kind.REFUSED,
            target
                + " answered the call, but does not accept "
                + law
                + " audio; try the other --codec");
      }
      remoteRtp = audio.address();
    } catch (SipException e) {
      throw unreachable();
    } catch (TimeoutException e) {
      if (!anyResponse.isDone()) {
        throw unreachable();
      }
      throw new CallFailedException(
          CallFailedException.Kind.REFUSED,
          target + " rang for " + RING_S + " s and did not answer");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CallFailedException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private CallFailedException unreachable() {
    return new CallFailedException(
        CallFailedException.Kind.UNREACHABLE,
        "nothing answers at %s:%d (%s): is `./linescribe serve` running?"
            .formatted(target.host(), target.port(), target.transport().toUpperCase(Locale.ROOT)));
  }

  /**
   * Ends an INVITE without a final response. RFC 3261 §9.1: no CANCEL before a provisional
   * response, so the first response triggers it.
   *
   * @param timeout time to wait for the first response
   */
  void abandon(Duration timeout) {
    abandoned = true;
    boolean interrupted = Thread.interrupted();
    try {
      anyResponse.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (answered.isDone()) {
        hangUpUnwanted();
      } else {
        cancel();
      }
    } catch (TimeoutException | ExecutionException e) {
      // The response may still arrive while the stack runs.
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      release();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Sends CANCEL once, unless a final response arrived. Thread: any. */
  private void cancel() {
    ClientTransaction transaction = invite;
    if (transaction == null || answered.isDone() || !cancelled.compareAndSet(false, true)) {
      return;
    }
    try {
      provider.getNewClientTransaction(transaction.createCancel()).sendRequest();
    } catch (SipException e) {
      // The peer has no such call: there is nothing left to cancel.
    }
  }

  /** Hangs up when the 200 crossed our CANCEL. */
  private void hangUpUnwanted() {
    ClientTransaction transaction = invite;
    if (transaction == null || closed || answered.isCompletedExceptionally()) {
      return;
    }
    try {
      sendBye(transaction.getDialog());
    } catch (SipException e) {
      // The peer has already ended the call.
    }
  }

  void onResponse(ResponseEvent event) {
    Response response = event.getResponse();
    int status = response.getStatusCode();
    String method = ((CSeqHeader) response.getHeader(CSeqHeader.NAME)).getMethod();
    if (method.equals(Request.BYE)) {
      byeAnswered.complete(status);
    } else if (method.equals(Request.INVITE)) {
      anyResponse.complete(status);
      if (status < 200 && abandoned) {
        cancel();
      } else if (status / 100 == 2) {
        acknowledge(event);
        answered.complete(response);
        if (abandoned) {
          hangUpUnwanted();
        }
      } else if (status >= 300) {
        answered.completeExceptionally(refusal(response));
      }
    }
  }

  private void acknowledge(ResponseEvent event) {
    try {
      Dialog answeredDialog = event.getDialog();
      answeredDialog.sendAck(
          answeredDialog.createAck(
              ((CSeqHeader) event.getResponse().getHeader(CSeqHeader.NAME)).getSeqNumber()));
    } catch (InvalidArgumentException | SipException e) {
      answered.completeExceptionally(
          new CallFailedException(
              CallFailedException.Kind.BROKEN,
              target
                  + " answered the call, but its answer cannot be acknowledged: "
                  + e.getMessage()));
    }
  }

  private CallFailedException refusal(Response response) {
    int status = response.getStatusCode();
    int retryAfterS =
        response.getHeader(RetryAfterHeader.NAME) instanceof RetryAfterHeader after
            ? after.getRetryAfter()
            : -1;
    String then =
        switch (status) {
          case 401, 407 ->
              ": it requires authentication, which this tool does not support; exempt this address";
          case 404 -> ": unknown user; check the address";
          case 486, 600 -> ": busy";
          case 488, 606 -> ": it does not accept " + law + "; try the other --codec";
          case 503 ->
              ": it is overloaded"
                  + (retryAfterS < 0 ? "" : "; Retry-After: " + retryAfterS + " s");
          default ->
              status / 100 == 3
                      && response.getHeader(ContactHeader.NAME) instanceof ContactHeader contact
                  ? ": call " + contact.getAddress().getURI() + " instead"
                  : "";
        };
    return new CallFailedException(
        CallFailedException.Kind.REFUSED,
        "%s refused the call: %d %s%s".formatted(target, status, response.getReasonPhrase(), then),
        status,
        retryAfterS);
  }

  /** The transaction timed out, or the connection was lost. */
  void onNoAnswer() {
    byeAnswered.complete(Response.REQUEST_TIMEOUT);
    answered.completeExceptionally(unreachable());
    anyResponse.complete(Response.REQUEST_TIMEOUT);
  }

  /** Handles a request of the peer within the dialog and returns the status of the response. */
  int onRequest(Request request) {
    return switch (request.getMethod()) {
      case Request.BYE -> {
        endedByPeer = true;
        yield Response.OK;
      }
      case Request.INVITE -> {
        AudioDescription audio = description(request);
        if (audio != null && audio.receives()) {
          remoteRtp = audio.address();
        }
        yield Response.OK;
      }
      case Request.OPTIONS, Request.INFO -> Response.OK;
      default -> Response.METHOD_NOT_ALLOWED;
    };
  }

  /** Our session description, for a re-INVITE. */
  byte[] currentDescription() {
    return AudioDescription.offer(rtp.local(), law, 1).getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable AudioDescription description(Message message) {
    byte[] body = message.getRawContent();
    return body == null ? null : AudioDescription.parse(new String(body, StandardCharsets.UTF_8));
  }

  @Override
  public String sessionId() {
    return sessionId;
  }

  @Override
  public Optional<InetSocketAddress> media() {
    return Optional.ofNullable(remoteRtp);
  }

  @Override
  public SentAudio play(CallAudio audio, FrameClock clock)
      throws CallFailedException, InterruptedException {
    SentAudio sent = new SentAudio(audio.frames());
    FramePacer pacer = new FramePacer(clock, true);
    try {
      for (int index = 0; index < audio.frames(); index++) {
        pacer.awaitNext();
        InetSocketAddress to = remoteRtp;
        if (endedByPeer || to == null) {
          sent.endedByPeer();
          break;
        }
        long sentNs = clock.nowNs();
        rtp.send(audio, index, to);
        sent.frameSent(sentNs);
        sent.received(rtp.drain());
      }
      return sent;
    } catch (IOException e) {
      throw new CallFailedException(
          CallFailedException.Kind.BROKEN,
          "RTP cannot be sent to " + remoteRtp + ": " + e.getMessage());
    }
  }

  @Override
  public void hangUp() {
    if (closed) {
      return;
    }
    closed = true;
    boolean interrupted = Thread.interrupted();
    try {
      if (dialog != null && !endedByPeer) {
        sendBye(dialog);
        byeAnswered.get(BYE_S, TimeUnit.SECONDS);
      }
    } catch (SipException | ExecutionException | TimeoutException e) {
      // The peer does not answer the BYE: the call is over.
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      release();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Sends BYE once. Thread: any. */
  private void sendBye(Dialog answeredDialog) throws SipException {
    if (!byeSent.compareAndSet(false, true)) {
      return;
    }
    ClientTransaction bye =
        provider.getNewClientTransaction(answeredDialog.createRequest(Request.BYE));
    bye.setApplicationData(this);
    answeredDialog.sendRequest(bye);
  }

  private void release() {
    try {
      rtp.close();
    } catch (IOException e) {
      // The process's end closes the socket.
    }
    onClosed.accept(this);
  }
}
