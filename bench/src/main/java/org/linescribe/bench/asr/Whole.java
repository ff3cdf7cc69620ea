package org.linescribe.bench.asr;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.asr.Recogniser;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;

/** The whole pipeline: sources, numbering, finals in the embedded database, events. */
final class Whole implements PipelineThroughput.Way {
  private final Tape tape;
  private final int rateHz;
  private final int aheadMs;
  private final SessionPipeline sessions;
  private final AtomicInteger finals = new AtomicInteger();
  private final AtomicInteger partials = new AtomicInteger();

  Whole(Recogniser recogniser, Tape tape, int rateHz, int aheadMs, Path data) {
    this.tape = tape;
    this.rateHz = rateHz;
    this.aheadMs = aheadMs;
    this.sessions =
        SessionPipeline.builder()
            .recogniser("bench", recogniser)
            .settings(SessionSettings.defaults())
            .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
            .build();
  }

  @Override
  public String name() {
    return "whole pipeline, legs of " + rateHz / 1000 + " kHz";
  }

  private final class Listener implements SourceListener {
    @Override
    public void onEvent(TranscriptEvent event) {
      (event instanceof TranscriptEvent.Final ? finals : partials).incrementAndGet();
    }

    @Override
    public void onClosed(SourceClosed reason) {
      System.err.println("a source was closed: " + reason);
    }
  }

  /** A recogniser that was behind takes sources again a little later. */
  @Override
  public void prepare() throws InterruptedException {
    while (!sessions.readiness().accepting()) {
      Thread.sleep(Ways.PAUSE);
    }
  }

  @Override
  public void run() throws Exception {
    finals.set(0);
    partials.set(0);
    List<SessionSource> sources = new ArrayList<>();
    for (int i = 0; i < tape.streams(); i++) {
      sources.add(
          sessions.open(
              new SourceRequest(
                  sessions.newSessionId(),
                  "bench",
                  Optional.empty(),
                  List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, rateHz)),
                  RecognitionRequest.DEFAULT,
                  Map.of()),
              new Listener()));
    }
    int samples = rateHz / 50;
    for (int frame = 0; frame < tape.frames(); frame++) {
      for (int i = 0; i < sources.size(); i++) {
        SessionSource source = sources.get(i);
        while (source.backlogMs(0) > aheadMs) {
          Thread.sleep(Ways.PAUSE);
        }
        if (source.write(0, tape.pcm(rateHz), tape.at(i, frame, rateHz), samples) < samples) {
          throw new IllegalStateException("audio was refused");
        }
      }
    }
    CompletableFuture.allOf(
            sources.stream()
                .map(source -> source.end("end").toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new))
        .get();
  }

  @Override
  public String done() {
    return finals + " finals, " + partials + " partials";
  }

  @Override
  public void close() {
    sessions.close();
  }
}
