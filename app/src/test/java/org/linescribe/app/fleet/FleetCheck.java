package org.linescribe.app.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * What clients were shown against what the database holds, after all gateways are back.
 *
 * @param stored finals in the database
 * @param seen finals that clients were shown, each once
 * @param setAside finals of writers that had lost their session, which nobody was shown
 * @param words of all sources
 * @param faults what must not be; empty if all is well
 */
record FleetCheck(
    int sessions, int stored, int seen, int setAside, Words words, List<String> faults) {
  private static final Duration SETTLED = Duration.ofMinutes(2);

  /** When a call may have lost words: its gateway was lost between these. */
  record Loss(int gateway, long fromNs, long toNs) {}

  /**
   * @param losses of gateways
   */
  static FleetCheck of(FleetLoad load, List<Loss> losses) throws Exception {
    List<String> faults = new ArrayList<>(load.seen().faults());
    awaitDrained(load.fleet(), faults);
    int setAside = 0;
    for (GatewayNode gateway : load.fleet().gateways()) {
      setAside += setAside(gateway, load.name());
    }
    Map<String, SortedMap<Long, String>> stored = stored(load);
    for (FleetReader reader : load.readers()) {
      faults.addAll(reader.faults());
      compare(reader, stored.getOrDefault(reader.sessionId(), new TreeMap<>()), faults);
    }
    int seen = 0;
    Words words = Words.NONE;
    Set<String> unsent = new TreeSet<>(stored.keySet());
    unsent.addAll(load.seen().sessions());
    for (Sent sent : sent(load, losses)) {
      unsent.remove(sent.sessionId());
      SortedMap<Long, String> rows = stored.getOrDefault(sent.sessionId(), new TreeMap<>());
      seen += compare(sent.sessionId(), load.seen().of(sent.sessionId()), rows, faults);
      Words own = Words.of(sent.units(), String.join(" ", rows.values()));
      if (own.wrong() > 0) {
        faults.add(
            "%s: %d of %d undisturbed words wrong%n  said    %s%n  stored  %s%n  breaks  %s"
                .formatted(
                    sent.sessionId(),
                    own.wrong(),
                    own.said(),
                    sent.units(),
                    rows,
                    sent.disturbances()));
      }
      words = words.plus(own);
    }
    for (String sessionId : unsent) {
      SortedMap<Long, String> rows = stored.getOrDefault(sessionId, new TreeMap<>());
      seen += compare(sessionId, load.seen().of(sessionId), rows, faults);
    }
    return new FleetCheck(
        stored.size(),
        stored.values().stream().mapToInt(Map::size).sum(),
        seen,
        setAside,
        words,
        faults);
  }

  private static List<Sent> sent(FleetLoad load, List<Loss> losses) {
    List<Sent> all = new ArrayList<>();
    for (SipLine.Call call : load.calls()) {
      boolean lost =
          losses.stream()
              .anyMatch(
                  loss ->
                      loss.gateway() == call.gateway()
                          && loss.fromNs() <= call.endedNs() + TimeUnit.SECONDS.toNanos(3)
                          && loss.toNs() >= call.answeredNs());
      all.add(
          new Sent(
              call.sessionId(),
              "call",
              List.of(new Sent.Unit(call.words(), lost)),
              List.of("gateway " + call.gateway() + (call.cut() ? ", cut" : ""))));
    }
    load.sources().forEach(source -> all.add(source.sent()));
    return all;
  }

  private static void awaitDrained(Fleet fleet, List<String> faults) throws InterruptedException {
    long untilNs = System.nanoTime() + SETTLED.toNanos();
    for (GatewayNode gateway : fleet.gateways()) {
      String last = "";
      boolean drained = false;
      while (!drained && System.nanoTime() < untilNs) {
        try {
          long waiting = fleet.waitingIn(gateway.number());
          drained = waiting == 0;
          last = waiting + " segments";
        } catch (IOException silent) {
          last = silent.toString();
        }
        if (!drained) {
          TimeUnit.MILLISECONDS.sleep(200);
        }
      }
      if (!drained) {
        faults.add("the outbox of gateway " + gateway.number() + " does not drain: " + last);
      }
    }
  }

  /** Finals that the database refused for ever: their numbers are the next writer's. */
  private static int setAside(GatewayNode gateway, String name) throws IOException {
    Path conflicts = gateway.data().resolve("outbox/conflicts.log");
    return Files.exists(conflicts)
        ? (int)
            Files.readAllLines(conflicts).stream()
                .filter(line -> line.contains('"' + name + '-'))
                .count()
        : 0;
  }

  private static Map<String, SortedMap<Long, String>> stored(FleetLoad load) throws SQLException {
    Map<String, SortedMap<Long, String>> sessions = new TreeMap<>();
    try (Connection sql = load.fleet().sql();
        PreparedStatement select =
            sql.prepareStatement(
                "SELECT session_id, seq, text FROM segments WHERE session_id LIKE ?"
                    + " ORDER BY session_id, seq")) {
      select.setString(1, load.name() + "-%");
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          sessions
              .computeIfAbsent(rows.getString(1), _ -> new TreeMap<>())
              .put(rows.getLong(2), rows.getString(3));
        }
      }
    }
    return sessions;
  }

  /** Each final that is stored came to the reader, with its text. */
  private static void compare(FleetReader reader, SortedMap<Long, String> rows, List<String> faults)
      throws InterruptedException {
    if (rows.isEmpty()) {
      return;
    }
    if (!reader.await(rows.lastKey(), System.nanoTime() + SETTLED.toNanos())) {
      faults.add(
          "reader of %s has %s, stored are %s"
              .formatted(reader.sessionId(), reader.finals(), rows));
    }
  }

  /** Numbers from 1 without gap, and each final that was shown is stored as it was. */
  private static int compare(
      String sessionId,
      Map<Long, Set<String>> seen,
      SortedMap<Long, String> rows,
      List<String> faults) {
    long next = 1;
    for (long seq : rows.keySet()) {
      if (seq != next) {
        faults.add("%s: number %d where %d is next".formatted(sessionId, seq, next));
      }
      next = seq + 1;
    }
    seen.forEach(
        (seq, texts) -> {
          if (texts.size() != 1) {
            faults.add("%s: final %d was shown as %s".formatted(sessionId, seq, texts));
          }
          if (!texts.contains(rows.get(seq))) {
            faults.add(
                "%s: final %d was shown as %s and is stored as %s"
                    .formatted(sessionId, seq, texts, rows.get(seq)));
          }
        });
    return seen.size();
  }
}
