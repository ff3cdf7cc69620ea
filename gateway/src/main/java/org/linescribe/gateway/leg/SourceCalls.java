package org.linescribe.gateway.leg;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.OpenCall;

/**
 * Sources of audio as the calls that they are for operators.
 *
 * <p>Thread: any; blocks until the event loops of all that are asked have answered, a second at
 * most.
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

  /** A source and what it answers. */
  private record Asked(OperatedSource source, CompletableFuture<Optional<OpenCall>> answer) {
    static Asked of(OperatedSource source) {
      try {
        return new Asked(source, source.call());
      } catch (RejectedExecutionException closed) {
        return new Asked(source, CompletableFuture.completedFuture(Optional.empty()));
      }
    }

    Stream<Seen> seen() {
      return answer.isDone() && !answer.isCompletedExceptionally()
          ? answer.join().map(call -> new Seen(source, call)).stream()
          : Stream.empty();
    }
  }

  private record Seen(OperatedSource source, OpenCall call) {}

  private List<Seen> seen(Predicate<OperatedSource> which) {
    List<Asked> asked = sources.get().stream().filter(which).map(Asked::of).toList();
    try {
      CompletableFuture.allOf(asked.stream().map(Asked::answer).toArray(CompletableFuture[]::new))
          .get(ANSWER_S, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Those that did answer are told of.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return asked.stream()
        .flatMap(Asked::seen)
        .sorted(Comparator.comparing(one -> one.call().startedAt()))
        .toList();
  }

  /** A session that changes its source has two for a moment: the newer is last. */
  private Optional<Seen> newest(SessionId sessionId) {
    return seen(source -> source.isOf(sessionId)).reversed().stream().findFirst();
  }

  private boolean tell(SessionId sessionId, Predicate<OperatedSource> order) {
    return newest(sessionId).filter(one -> order.test(one.source())).isPresent();
  }

  @Override
  public List<OpenCall> open() {
    return seen(_ -> true).stream().map(Seen::call).toList();
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
  public boolean record(SessionId sessionId, RecordingOrder order) {
    return tell(sessionId, source -> source.record(order));
  }

  @Override
  public boolean mark(SessionId sessionId, CallMark mark) {
    return tell(sessionId, source -> source.mark(mark));
  }
}
