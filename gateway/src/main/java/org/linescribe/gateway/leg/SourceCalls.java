package org.linescribe.gateway.leg;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.OpenCall;

/**
 * Sources that no SIP brought, as the calls that they are for operators. They are not recorded.
 *
 * <p>Thread: any; blocks until all sources' event loops have answered, a second at most.
 */
public final class SourceCalls implements CallControl {
  private static final int ANSWER_S = 1;

  private final Supplier<? extends Collection<? extends OperatedSource>> sources;

  /**
   * @param sources those that are open now; called for each question
   */
  public SourceCalls(Supplier<? extends Collection<? extends OperatedSource>> sources) {
    this.sources = sources;
  }

  /** A source and what it answered. */
  private record Seen(OperatedSource source, OpenCall call) {}

  private List<Seen> seen() {
    List<OperatedSource> asked = new ArrayList<>(sources.get());
    List<CompletableFuture<Optional<OpenCall>>> answers = new ArrayList<>();
    for (OperatedSource source : asked) {
      answers.add(ask(source));
    }
    awaitAll(answers);
    List<Seen> seen = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      OperatedSource source = asked.get(i);
      answered(answers.get(i)).ifPresent(call -> seen.add(new Seen(source, call)));
    }
    seen.sort(Comparator.comparing(one -> one.call().startedAt()));
    return seen;
  }

  private static CompletableFuture<Optional<OpenCall>> ask(OperatedSource source) {
    try {
      return source.call();
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
  }

  private static void awaitAll(List<CompletableFuture<Optional<OpenCall>>> answers) {
    try {
      CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
          .get(ANSWER_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Those that did answer are told of.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<OpenCall> answered(CompletableFuture<Optional<OpenCall>> asked) {
    return asked.isDone() && !asked.isCompletedExceptionally() ? asked.join() : Optional.empty();
  }

  /** A session that changes its source has two for a moment: the newer is last. */
  private Optional<Seen> newest(SessionId sessionId) {
    return seen().stream()
        .filter(one -> one.call().sessionId().equals(sessionId))
        .reduce((older, newer) -> newer);
  }

  private boolean tell(SessionId sessionId, Consumer<OperatedSource> order) {
    Optional<Seen> one = newest(sessionId);
    try {
      one.ifPresent(found -> order.accept(found.source()));
      return one.isPresent();
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  @Override
  public List<OpenCall> open() {
    return seen().stream().map(Seen::call).toList();
  }

  @Override
  public Optional<OpenCall> find(SessionId sessionId) {
    return newest(sessionId).map(Seen::call);
  }

  @Override
  public boolean hangUp(SessionId sessionId) {
    return tell(sessionId, OperatedSource::hangUp);
  }

  @Override
  public boolean pause(SessionId sessionId, boolean paused) {
    return tell(sessionId, source -> source.pause(paused));
  }

  @Override
  public boolean mark(SessionId sessionId, CallMark mark) {
    return tell(sessionId, source -> source.mark(mark));
  }
}
