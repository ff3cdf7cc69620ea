package org.linescribe.asr.worker;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.utterance.VoiceActivity;

/**
 * A detector in a worker. The last two seconds that it heard are kept here: another worker's
 * detector hears them first when this one's has ended, and judges as it would have.
 *
 * <p>Thread: one at a time.
 */
public final class WorkerVoiceActivity implements VoiceActivity {
  private static final int KEPT_WINDOWS = 64;

  private final WorkerPool pool;
  private final Deque<float[]> heard = new ArrayDeque<>();
  private @Nullable WorkerProcess worker;
  private long number;

  private WorkerVoiceActivity(WorkerPool pool) {
    this.pool = pool;
  }

  /** Opens detectors of a pool that stays the decoder's. Thread: any. */
  public static VoiceActivity.Factory factory(WorkerPool pool) {
    return new VoiceActivity.Factory() {
      @Override
      public VoiceActivity open() {
        return new WorkerVoiceActivity(pool);
      }

      @Override
      public void close() {
        // With the decoder.
      }
    };
  }

  /** Goes with the first window that is asked about, so that opening is one request. */
  @Override
  public void lead(float[] pcm) {
    keep(pcm, 0);
  }

  private void keep(float[] pcm, int offset) {
    heard.addLast(Arrays.copyOfRange(pcm, offset, offset + WINDOW_SAMPLES));
    if (heard.size() > KEPT_WINDOWS) {
      heard.removeFirst();
    }
  }

  @Override
  public boolean hear(float[] pcm, int offset) {
    keep(pcm, offset);
    boolean interrupted = Thread.interrupted();
    try {
      boolean alone = false;
      for (int deaths = 0; deaths < WorkerPool.MAX_DEATHS; ) {
        WorkerProcess mine = worker;
        boolean opens = mine == null || !mine.isAlive();
        WorkerProcess current = opens ? join() : Objects.requireNonNull(mine);
        try (var _ = pool.turn(current, alone)) {
          if (current.isAlive()) {
            return ask(current, opens);
          }
        } catch (IOException lost) {
          current.broken(lost);
          deaths += alone ? 1 : 0;
          alone = true;
        } catch (RecogniserException refused) {
          // It may not be open there: the next window opens another one.
          forget();
          throw refused;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    throw new RecogniserException(
        "voice activity ended " + WorkerPool.MAX_DEATHS + " worker processes");
  }

  private WorkerProcess join() {
    forget();
    WorkerProcess next = pool.pick();
    next.load.incrementAndGet();
    worker = next;
    number = pool.nextNumber();
    return next;
  }

  private boolean ask(WorkerProcess from, boolean opens) throws IOException {
    return from.ask(
        request -> write(request, from, opens),
        Messages.HEAR,
        answer -> {
          boolean speech = false;
          for (int left = answer.getCount(1); left > 0; left--) {
            speech = answer.getBoolean();
          }
          return speech;
        });
  }

  private void write(Frame request, WorkerProcess from, boolean opens) {
    Long closed = from.closedDetectors.poll();
    request.put(closed == null ? 0 : 1);
    if (closed != null) {
      request.put(closed.longValue());
    }
    request.put(number).put((byte) (opens ? Messages.OPENS : 0));
    int windows = opens ? heard.size() : 1;
    request.put(windows * WINDOW_SAMPLES);
    for (float[] window : opens ? heard : List.of(heard.getLast())) {
      request.putSamples(window, 0, WINDOW_SAMPLES);
    }
  }

  private void forget() {
    WorkerProcess mine = worker;
    worker = null;
    if (mine != null) {
      mine.load.decrementAndGet();
      if (mine.isAlive()) {
        mine.closedDetectors.add(number);
      }
    }
  }

  @Override
  public int delayMs() {
    return pool.served().delayMs();
  }

  @Override
  public int hangoverMs() {
    return pool.served().hangoverMs();
  }

  @Override
  public void reset() {
    forget();
    heard.clear();
  }

  @Override
  public void close() {
    reset();
  }
}
