package org.linescribe.session.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;

/**
 * A fake recogniser for exact control: it recognises {@link CodedSpeech}, ends an utterance after
 * the endpoint silence, and fails on request. A word of which only a part arrived becomes "cut".
 */
final class CodedRecogniser implements Recogniser {
  final AtomicInteger opened = new AtomicInteger();
  final List<Stream> streams = new CopyOnWriteArrayList<>();
  volatile int failAfterWords = Integer.MAX_VALUE;
  volatile boolean refusing;
  volatile boolean saturated;
  volatile boolean stuck;
  private final String provider;
  private final ExecutorService decoder =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("coded-decoder").factory());

  CodedRecogniser(String provider) {
    this.provider = provider;
  }

  @Override
  public RecogniserInfo info() {
    return new RecogniserInfo(provider, "coded-" + provider, "en", CodedSpeech.RATE_HZ);
  }

  @Override
  public RecogniserLoad load() {
    return new RecogniserLoad(streams.size(), 0, saturated);
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    if (refusing) {
      throw new RecogniserException("refusing, as the test asked");
    }
    opened.incrementAndGet();
    Stream stream = new Stream(audio, options, listener);
    streams.add(stream);
    return stream;
  }

  @Override
  public void close() {
    decoder.shutdownNow();
  }

  /** Lets everything that was accepted until now be decoded. */
  void settle() {
    CompletableFuture.runAsync(() -> {}, decoder).join();
  }

  final class Stream implements RecogniserStream {
    final StreamOptions options;
    final AtomicInteger flushes = new AtomicInteger();
    private final LegReader audio;
    private final List<CompletableFuture<Void>> unanswered = new CopyOnWriteArrayList<>();
    private final RecogniserListener listener;
    private final int silenceSamples;
    private final List<Token> tokens = new ArrayList<>();
    private long positionSamples;
    private int code;
    private int run;
    private int silence;
    private int words;
    private volatile boolean dead;

    private Stream(LegReader audio, StreamOptions options, RecogniserListener listener) {
      this.audio = audio;
      this.options = options;
      this.listener = listener;
      this.silenceSamples =
          Math.toIntExact(options.endpointSilence().toMillis() * CodedSpeech.RATE_HZ / 1000);
      this.positionSamples = audio.position();
      audio.bound(10 * CodedSpeech.RATE_HZ);
      audio.onAudio(this::read);
      read();
    }

    private void read() {
      if (!dead) {
        decoder.execute(
            () -> {
              short[] pcm = new short[(int) audio.available()];
              decode(Arrays.copyOf(pcm, audio.read(pcm, pcm.length)));
            });
      }
    }

    private void decode(short[] pcm) {
      for (int received : pcm) {
        if (dead) {
          return;
        }
        positionSamples++;
        if (received != code) {
          endWord(CodedSpeech.WORD_SAMPLES);
          code = received;
          run = 0;
        }
        run++;
        silence = received == 0 ? silence + 1 : 0;
        if (silence == silenceSamples && !tokens.isEmpty()) {
          endUtterance();
        }
      }
    }

    private void endWord(int wholeSamples) {
      if (code == 0 || dead) {
        return;
      }
      String text = (run == wholeSamples ? "w" : "cut") + code;
      tokens.add(
          new Token(
              (tokens.isEmpty() ? "" : " ") + text,
              (positionSamples - 1 - run) * 1000 / CodedSpeech.RATE_HZ,
              0.5));
      code = 0;
      run = 0;
      if (++words >= failAfterWords) {
        failAfterWords = Integer.MAX_VALUE;
        fail();
        return;
      }
      listener.onHypothesis(hypothesis());
    }

    void fail() {
      dead = true;
      listener.onFailure(new RecogniserException("failed, as the test asked"));
    }

    private Hypothesis hypothesis() {
      StringBuilder text = new StringBuilder();
      tokens.forEach(token -> text.append(token.text()));
      return new Hypothesis(
          text.toString(),
          tokens,
          tokens.getFirst().startMs(),
          positionSamples * 1000 / CodedSpeech.RATE_HZ);
    }

    private void endUtterance() {
      Hypothesis complete = hypothesis();
      tokens.clear();
      listener.onEndpoint(complete, positionSamples * 1000 / CodedSpeech.RATE_HZ);
    }

    /** Ends being stuck, and what was asked meanwhile. */
    void letGo() {
      stuck = false;
      unanswered.forEach(done -> done.complete(null));
    }

    @Override
    public CompletionStage<Void> flush() {
      CompletableFuture<Void> done = new CompletableFuture<>();
      flushes.incrementAndGet();
      if (stuck) {
        unanswered.add(done);
        return done;
      }
      decoder.execute(
          () -> {
            endWord(CodedSpeech.WORD_SAMPLES);
            if (dead) {
              done.completeExceptionally(new RecogniserException("failed before the flush"));
              return;
            }
            if (!tokens.isEmpty()) {
              endUtterance();
            }
            done.complete(null);
          });
      return done;
    }

    @Override
    public void close() {
      dead = true;
      audio.close();
    }
  }
}
