package org.linescribe.gateway.sip;

import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.sip.address.SipURI;
import org.linescribe.gateway.sip.SipLocator.Target;

/**
 * Sends a request to the servers of a URI, one after another until one answers otherwise than with
 * 503 or in time.
 *
 * <p>Thread: any; calls block for name lookups. Source: RFC 3263 §4.3.
 */
public final class RequestFailover {
  private final SipLocator locator;
  private final Duration answerTimeout;

  /**
   * @param answerTimeout how long a server may take to answer where there is another one: timer F
   *     would wait for a dead one for 32 s (RFC 3261 §17.1.2.2)
   */
  public RequestFailover(SipLocator locator, Duration answerTimeout) {
    this.locator = locator;
    this.answerTimeout = answerTimeout;
  }

  /**
   * A request that may be sent to several servers.
   *
   * @param uri whose servers they are
   * @param fallback transport where neither the URI nor its records name one
   * @param answering by URI the server that answered last, which is asked first: a challenge is
   *     answered where it came from, and a dialog goes on there
   * @param attempt sends it to one; completes with the final answer, or {@link SipReply#none}
   */
  record Outgoing(
      SipURI uri,
      SipProtocol fallback,
      Map<String, Target> answering,
      Function<Target, CompletableFuture<SipReply>> attempt) {
    static Map<String, Target> noneAnsweredYet() {
      return new ConcurrentHashMap<>();
    }
  }

  /**
   * @return completes with the final answer, or {@link SipReply#none}; where it is completed
   *     otherwise before, no further server is asked
   */
  CompletionStage<SipReply> send(SipServer server, Outgoing request) {
    List<Target> targets;
    try {
      targets = locator.locate(request.uri(), request.fallback(), server::isServed);
    } catch (UnknownHostException | IllegalArgumentException e) {
      return CompletableFuture.completedStage(SipReply.none());
    }
    Target last = request.answering().get(request.uri().toString());
    if (last != null && targets.remove(last)) {
      targets.addFirst(last);
    }
    CompletableFuture<SipReply> whole = new CompletableFuture<>();
    next(server, request, targets, whole);
    return whole;
  }

  private void next(
      SipServer server, Outgoing request, List<Target> targets, CompletableFuture<SipReply> whole) {
    Target target = targets.getFirst();
    server.connect(target, request.uri().getHost());
    CompletableFuture<SipReply> answer = request.attempt().apply(target);
    if (targets.size() > 1) {
      CompletableFuture.delayedExecutor(answerTimeout.toMillis(), TimeUnit.MILLISECONDS)
          .execute(
              () -> {
                if (!(answer instanceof SipClient.Reply reply && reply.isHeard())) {
                  answer.complete(SipReply.none());
                }
              });
    }
    answer.thenAcceptAsync(
        reply -> {
          if (reply.isUnavailable() && targets.size() > 1 && !whole.isDone()) {
            next(server, request, targets.subList(1, targets.size()), whole);
            return;
          }
          if (!reply.isUnavailable()) {
            request.answering().put(request.uri().toString(), target);
          }
          whole.complete(reply);
        },
        Thread::startVirtualThread);
  }
}
