package org.linescribe.bench.asr;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/** The recogniser with its scheduler and its utterances, without sessions. */
final class Scheduled implements PipelineThroughput.Way {
  private static final int RATE_HZ = 16_000;

  private final Recogniser recogniser;
  private final SimpleMeterRegistry meters;
  private final Tape tape;
  private final int aheadMs;
  private String done = "";

  Scheduled(Recogniser recogniser, SimpleMeterRegistry meters, Tape tape, int aheadMs) {
    this.recogniser = recogniser;
    this.meters = meters;
    this.tape = tape;
    this.aheadMs = aheadMs;
  }

  @Override
  public String name() {
    return "recogniser, one decode thread";
  }

  @Override
  public void run() throws Exception {
    List<LegAudio> legs = new ArrayList<>();
    List<LegReader> readers = new ArrayList<>();
    List<RecogniserStream> open = new ArrayList<>();
    List<Finals> finals = new ArrayList<>();
    final double chunksBefore = chunks();
    final double renewalsBefore = renewals();
    for (int i = 0; i < tape.streams(); i++) {
      legs.add(new LegAudio(RATE_HZ));
      readers.add(legs.getLast().reader(0, () -> {}));
      finals.add(new Finals());
      open.add(recogniser.open(readers.getLast(), StreamOptions.defaults(), finals.getLast()));
    }
    for (int frame = 0; frame < tape.frames(); frame++) {
      for (int i = 0; i < tape.streams(); i++) {
        LegReader reader = readers.get(i);
        while (reader.available() > RATE_HZ * aheadMs / 1000) {
          Thread.sleep(Ways.PAUSE);
        }
        legs.get(i)
            .append(tape.pcm16k(), tape.at(i, frame, RATE_HZ), RATE_HZ / 50, System.nanoTime());
        legs.get(i).forgetBefore(reader.held());
      }
    }
    CompletableFuture.allOf(
            open.stream()
                .map(stream -> stream.flush().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new))
        .get();
    open.forEach(RecogniserStream::close);
    done =
        String.format(
            "%.0f chunks, %.0f renewals, %d finals",
            chunks() - chunksBefore,
            renewals() - renewalsBefore,
            finals.stream().mapToInt(told -> told.told.size()).sum());
  }

  private double chunks() {
    DistributionSummary batches = meters.find("linescribe.asr.batch.size").summary();
    return batches == null ? 0 : batches.totalAmount();
  }

  private double renewals() {
    var renewed = meters.find("linescribe.asr.renewals").counter();
    return renewed == null ? 0 : renewed.count();
  }

  @Override
  public String done() {
    return done;
  }

  @Override
  public void close() {
    recogniser.close();
  }
}
