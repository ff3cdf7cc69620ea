package org.linescribe.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.WordQuery;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.session.store.StoreWrite;

/**
 * Searches among many segments: {@code SearchLoad SEGMENTS [JDBC-URL USER PASSWORD]}; without a URL
 * the embedded store in a new folder. Words are drawn by Zipf's law, as in speech.
 */
public final class SearchLoad {
  private static final int SEGMENTS_OF_SESSION = 50;
  private static final int VOCABULARY = 20_000;
  private static final int WORDS = 10;
  private static final int ROUNDS = 50;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private SearchLoad() {}

  public static void main(String[] arguments) throws Exception {
    int segments = Integer.parseInt(arguments[0]);
    try (SegmentStore store =
        arguments.length == 1
            ? SqlSegmentStore.embedded(Files.createTempDirectory(Path.of("."), "search-load-"))
            : SqlSegmentStore.connect(
                new SqlStoreSettings(
                    arguments[1],
                    arguments[2],
                    arguments[3],
                    4,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60)))) {
      fill(store, segments);
      search(store, "the most frequent word", "w0");
      search(store, "a frequent word", "w50");
      search(store, "a rare word", "w15000");
      search(store, "a word of one segment", "needle");
      search(store, "two frequent words", "w0", "w1");
      search(store, "a frequent and a rare word", "w0", "w15000");
      search(store, "two rare words that never meet", "w15000", "w15001");
      search(store, "an unknown word", "nobody");
    }
  }

  private static void fill(SegmentStore store, int segments) throws SegmentConflictException {
    Random random = new Random(7);
    double[] cumulated = zipf();
    long[] writeNs = new long[segments];
    for (int i = 0; i < segments; i++) {
      SessionId id = new SessionId("session-" + i / SEGMENTS_OF_SESSION);
      int seq = i % SEGMENTS_OF_SESSION + 1;
      Instant at = START.plusSeconds(60L * (i / SEGMENTS_OF_SESSION));
      if (seq == 1) {
        store.write(
            new StoreWrite.Opened(
                id, "sip", Optional.of("crm"), List.of("caller"), at, at, Map.of()));
      }
      List<String> words = new ArrayList<>();
      for (int word = 0; word < WORDS; word++) {
        int found = Arrays.binarySearch(cumulated, random.nextDouble());
        words.add("w" + Math.min(VOCABULARY - 1, found < 0 ? -found - 1 : found));
      }
      if (i == segments / 3) {
        words.add("needle");
      }
      Segment segment =
          new Segment(
              id, seq, "caller", String.join(" ", words), seq, seq + 1, List.of(), "model", at);
      long beginNs = System.nanoTime();
      store.write(new StoreWrite.Appended(segment));
      writeNs[i] = System.nanoTime() - beginNs;
    }
    report("write of a segment", writeNs, segments);
  }

  private static double[] zipf() {
    double[] cumulated = new double[VOCABULARY];
    double sum = 0;
    for (int rank = 0; rank < VOCABULARY; rank++) {
      sum += 1.0 / (rank + 1);
      cumulated[rank] = sum;
    }
    for (int rank = 0; rank < VOCABULARY; rank++) {
      cumulated[rank] /= sum;
    }
    return cumulated;
  }

  private static void search(SegmentStore store, String name, String... words) {
    WordQuery query =
        new WordQuery(
            Optional.of("crm"),
            List.of(words),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            200);
    long[] ns = new long[ROUNDS];
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long beginNs = System.nanoTime();
      found = store.find(query).segments().size();
      ns[round] = System.nanoTime() - beginNs;
    }
    report(name, ns, found);
  }

  private static void report(String name, long[] ns, int found) {
    Arrays.sort(ns);
    System.out.printf(
        "%-32s %7d found  p50 %8.2f ms  p95 %8.2f ms  most %8.2f ms%n",
        name,
        found,
        ns[ns.length / 2] / 1e6,
        ns[ns.length * 95 / 100] / 1e6,
        ns[ns.length - 1] / 1e6);
  }
}
