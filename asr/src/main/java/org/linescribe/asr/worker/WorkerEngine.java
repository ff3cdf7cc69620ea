package org.linescribe.asr.worker;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.scheduler.StreamingEngine;

/**
 * A streaming model in worker processes. A batch is one request to each worker that has streams of
 * it; all of them decode at the same time. A stream whose worker has ended is brought to the same
 * place in another one; where it was being asked for then, alone, so that a stream that ends
 * workers is known by it.
 *
 * <p>Thread: any; a stream by one thread at a time. Owner of the pool.
 */
public final class WorkerEngine implements StreamingEngine {
  /** Of one entry; a stream that is decoded again gets its audio in such pieces. */
  private static final int ENTRY_SECONDS = 10;

  private static final int MOST_CLOSED = 1000;

  /** Of a message that an entry takes beside its audio, hotwords included. */
  private static final long ENTRY_BYTES = 40_000;

  private final WorkerPool pool;
  private final Chunking chunking;
  private volatile boolean exact;

  /** Takes ownership of the pool. */
  public WorkerEngine(WorkerPool pool) {
    this.pool = pool;
    Messages.Served served = pool.served();
    this.chunking = new Chunking(served.firstSamples(), served.shiftSamples());
    this.exact = served.isExact();
  }

  @Override
  public int sampleRateHz() {
    return pool.served().sampleRateHz();
  }

  @Override
  public Chunking chunking() {
    return chunking;
  }

  /** When a worker dies. */
  @Override
  public boolean isReplayed() {
    return true;
  }

  @Override
  public boolean takesHotwords() {
    return pool.served().takesHotwords();
  }

  @Override
  public EngineStream open() {
    return open(Hotwords.NONE);
  }

  @Override
  public EngineStream open(Hotwords hotwords) {
    return new WorkerStream(this, hotwords);
  }

  @Override
  public void decode(List<? extends EngineStream> ready) {
    List<WorkerStream> streams = new ArrayList<>(ready.size());
    for (EngineStream stream : ready) {
      if (!(stream instanceof WorkerStream mine)) {
        throw new RecogniserException("decode: a stream of another engine");
      }
      streams.add(mine);
    }
    step(streams, 1);
  }

  /** Sends what a stream has taken, so that it knows whether it is ready. */
  void ask(WorkerStream stream) {
    step(List.of(stream), 0);
  }

  boolean isExact() {
    return exact;
  }

  /** The model's chunks are not what was measured; from now on each stream is asked. */
  void inexact() {
    exact = false;
  }

  long nextNumber() {
    return pool.nextNumber();
  }

  void countReplay() {
    pool.countReplay();
  }

  private void step(List<WorkerStream> streams, int decodes) {
    // A request is not cut off: that would cost its worker. It ends in bounded time.
    boolean interrupted = Thread.interrupted();
    try {
      for (Exchange exchange : together(byWorker(streams), decodes)) {
        if (exchange.isLost) {
          exchange.streams.forEach(stream -> again(stream, decodes));
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private List<Exchange> together(List<List<WorkerStream>> requests, int decodes) {
    List<Exchange> underWay = new ArrayList<>();
    try {
      for (List<WorkerStream> request : requests) {
        Exchange exchange = new Exchange(request, decodes, false);
        underWay.add(exchange);
        exchange.send();
      }
      for (Exchange exchange : underWay) {
        exchange.receive();
        exchange.end();
      }
    } finally {
      underWay.forEach(Exchange::end);
    }
    return underWay;
  }

  /** The streams of one request each; those that fail are in none. */
  private List<List<WorkerStream>> byWorker(List<WorkerStream> streams) {
    Map<WorkerProcess, List<WorkerStream>> last = new IdentityHashMap<>();
    Map<WorkerProcess, Long> bytes = new IdentityHashMap<>();
    List<List<WorkerStream>> requests = new ArrayList<>();
    for (WorkerStream stream : streams) {
      WorkerProcess worker = placed(stream);
      if (worker == null) {
        continue;
      }
      long more = ENTRY_BYTES + stream.sendableSamples(entrySamples()) * Float.BYTES;
      List<WorkerStream> request = last.get(worker);
      long before = request == null ? 0 : bytes.getOrDefault(worker, 0L);
      if (request == null || before + more > Frame.MAX_BYTES / 2) {
        request = new ArrayList<>();
        requests.add(request);
        last.put(worker, request);
        before = 0;
      }
      request.add(stream);
      bytes.put(worker, before + more);
    }
    return requests;
  }

  private long entrySamples() {
    return (long) ENTRY_SECONDS * sampleRateHz();
  }

  /** A worker that has the stream where it was; null when it has failed. */
  private @Nullable WorkerProcess placed(WorkerStream stream) {
    while (!stream.hasFailed()) {
      WorkerProcess worker = stream.worker();
      try {
        if (worker == null) {
          worker = pool.pick();
          stream.join(worker);
        }
      } catch (RecogniserException none) {
        stream.fail(none);
        return null;
      }
      if (!stream.isReplaying()) {
        return worker;
      }
      new Exchange(List.of(stream), 0, stream.isOnProbation()).run();
    }
    return null;
  }

  private void again(WorkerStream stream, int decodes) {
    while (placed(stream) != null) {
      if (new Exchange(List.of(stream), decodes, stream.isOnProbation()).run()) {
        return;
      }
    }
  }

  /** Ends the workers; streams that are open fail when they are used. */
  @Override
  public void close() {
    pool.close();
  }

  /** One request to one worker. Thread: the step's. */
  private final class Exchange {
    private final List<WorkerStream> streams;
    private final int decodes;
    private final boolean alone;
    private final List<Long> closed = new ArrayList<>();
    private final @Nullable WorkerProcess worker;
    private @Nullable WorkerTurn turn;
    private @Nullable WorkerConnection connection;
    private boolean isLost;

    private Exchange(List<WorkerStream> streams, int decodes, boolean alone) {
      this.streams = streams;
      this.decodes = decodes;
      this.alone = alone;
      this.worker = streams.getFirst().worker();
    }

    /** False when the worker has ended. */
    private boolean run() {
      try {
        send();
        receive();
        return !isLost;
      } finally {
        end();
      }
    }

    private void send() {
      WorkerProcess to = worker;
      if (to == null) {
        isLost = true;
        return;
      }
      turn = pool.turn(to, alone);
      if (!to.isAlive()) {
        isLost = true;
        return;
      }
      try {
        WorkerConnection borrowed = to.borrow();
        connection = borrowed;
        write(to, borrowed.request(Messages.STEP));
        borrowed.send();
      } catch (IOException lost) {
        lost(to, lost);
      } catch (RuntimeException tooLong) {
        to.closedStreams.addAll(closed);
        end();
        fail(new RecogniserException("a step of a worker: " + tooLong.getMessage(), tooLong));
      }
    }

    private void write(WorkerProcess to, Frame request) {
      for (Long next = to.closedStreams.poll(); next != null; next = to.closedStreams.poll()) {
        closed.add(next);
        if (closed.size() == MOST_CLOSED) {
          break;
        }
      }
      request.put(closed.size());
      closed.forEach(request::put);
      request.put(streams.size());
      streams.forEach(stream -> stream.write(request, decodes, entrySamples()));
    }

    private void receive() {
      WorkerConnection asked = connection;
      WorkerProcess from = worker;
      if (isLost || asked == null || from == null) {
        return;
      }
      try {
        List<WorkerStream.Answer> answers = asked.receive(this::read);
        release(from, asked);
        for (int i = 0; i < streams.size(); i++) {
          streams.get(i).answered(answers.get(i), decodes);
        }
      } catch (IOException lost) {
        lost(from, lost);
      } catch (RecogniserException refused) {
        release(from, asked);
        fail(refused);
      }
    }

    private void release(WorkerProcess to, WorkerConnection sound) {
      connection = null;
      to.release(sound);
    }

    private void fail(RecogniserException cause) {
      streams.forEach(stream -> stream.fail(cause));
    }

    /** Idempotent. */
    private void end() {
      WorkerConnection unsound = connection;
      connection = null;
      if (unsound != null && worker != null) {
        worker.discard(unsound);
      }
      WorkerTurn mine = turn;
      turn = null;
      if (mine != null) {
        mine.close();
      }
    }

    private List<WorkerStream.Answer> read(Frame frame) throws ProtocolException {
      List<WorkerStream.Answer> answers = new ArrayList<>(streams.size());
      for (int i = 0; i < streams.size(); i++) {
        answers.add(WorkerStream.Answer.read(frame));
      }
      return answers;
    }

    private void lost(WorkerProcess by, IOException why) {
      isLost = true;
      by.broken(why);
      streams.forEach(stream -> stream.died(alone));
    }
  }
}
