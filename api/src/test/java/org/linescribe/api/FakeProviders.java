package org.linescribe.api;

import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.providers.Providers;

/** Providers in name only, for APIs on {@link FakeSessions}. */
public final class FakeProviders {
  private FakeProviders() {}

  /** "sherpa", which speaks English. */
  public static Providers english() {
    return of(new RecogniserInfo("sherpa", "fake", "en", 16_000));
  }

  public static Providers of(RecogniserInfo... infos) {
    List<Recogniser> recognisers = Stream.of(infos).map(FakeProviders::recogniser).toList();
    return new Providers(recognisers, Clock.systemUTC());
  }

  private static Recogniser recogniser(RecogniserInfo info) {
    return new Recogniser() {
      @Override
      public RecogniserInfo info() {
        return info;
      }

      @Override
      public RecogniserLoad load() {
        return new RecogniserLoad(0, 0, false);
      }

      @Override
      public RecogniserStream open(
          LegReader audio, StreamOptions options, RecogniserListener listener) {
        throw new RecogniserException("in name only");
      }

      @Override
      public void close() {}
    };
  }
}
