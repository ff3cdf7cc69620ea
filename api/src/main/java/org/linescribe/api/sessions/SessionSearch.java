package org.linescribe.api.sessions;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Requests;
import org.linescribe.api.http.Viewer;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.WordQuery;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Finds sessions by what was said in them, by whom, and when, newest first. The store is read in
 * steps of some sessions, until a page is full or the time of one request is up: the answer then
 * names where the next one goes on, so that no request can occupy the database for long.
 *
 * <p>Thread: event loops; the store is read on virtual threads.
 */
record SessionSearch(
    Sessions sessions, BlockingCalls blockingCalls, SessionPages pages, SpokenLanguage languages) {
  private static final int MAX_LIMIT = 200;
  private static final int DEFAULT_LIMIT = 50;
  private static final int MAX_WORDS = 8;
  private static final int MAX_CHARACTERS = 200;

  /** Sessions of one step, or segments with the words. */
  private static final int STEP = 200;

  private static final Set<String> CALLS = Set.of("sip", "siprec");

  private static final int SHOWN_MATCHES = 3;

  /** From which the language of a session is seen. */
  private static final int HEARD_SEGMENTS = 50;

  private static final Duration TIME = Duration.ofSeconds(3);

  /**
   * A session with the first of its segments that have the words.
   *
   * @param matches absent where no words were asked for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FoundBody(
      @JsonUnwrapped SessionPages.SessionBody session,
      @Nullable List<TranscriptJson.SegmentBody> matches) {}

  /**
   * @param nextBefore the parameter {@code before} of the request that goes on, absent where
   *     everything was looked at
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FoundPage(List<FoundBody> sessions, @Nullable String nextBefore) {}

  /**
   * What is sought.
   *
   * @param words texts, of which one segment must have all words; empty for none
   * @param language ISO 639 code, lower case
   * @param party part of a session id or of an attribute's value, lower case
   */
  private record Wanted(
      Optional<String> owner,
      List<String> words,
      Optional<String> language,
      Optional<String> party,
      Optional<String> callId,
      Optional<String> trunk,
      Optional<Instant> after,
      Optional<Instant> until,
      Optional<SessionId> before,
      int limit) {
    SessionQuery sessions(Optional<SessionId> from) {
      return new SessionQuery(seenOwner(), callId, after, until, from, STEP);
    }

    WordQuery words(Optional<SessionId> from) {
      return new WordQuery(seenOwner(), words, after, until, from, STEP);
    }

    /** A trunk owns its calls. */
    private Optional<String> seenOwner() {
      return owner.or(() -> trunk);
    }

    /** Whether a session passes what the store does not filter by. */
    boolean fits(SessionRecord session) {
      return (trunk.isEmpty() || trunk.equals(session.owner()) && CALLS.contains(session.kind()))
          && (callId.isEmpty()
              || callId.get().equals(session.attributes().get(SessionRecord.CALL_ID)))
          && (party.isEmpty()
              || contains(session.sessionId().value(), party.get())
              || session.attributes().values().stream().anyMatch(v -> contains(v, party.get())));
    }

    private static boolean contains(String text, String part) {
      return text.toLowerCase(Locale.ROOT).contains(part);
    }
  }

  Mono<ServerResponse> search(ServerRequest request) {
    Wanted wanted =
        new Wanted(
            Viewer.of(request.attributes()).owner(),
            words(request),
            SpokenLanguage.wanted(text(request, "language")),
            text(request, "party").map(party -> party.toLowerCase(Locale.ROOT)),
            text(request, "call_id"),
            text(request, "trunk"),
            Requests.instant(request, "after"),
            Requests.instant(request, "until"),
            request.queryParam("before").map(Requests::sessionId),
            Math.toIntExact(Requests.number(request, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT)));
    return blockingCalls.answer(() -> search(wanted));
  }

  private static Optional<String> text(ServerRequest request, String name) {
    Optional<String> text = request.queryParam(name).map(String::strip).filter(t -> !t.isEmpty());
    if (text.filter(t -> t.length() > MAX_CHARACTERS).isPresent()) {
      throw RefusedRequestException.badRequest(
          name + ": expected at most " + MAX_CHARACTERS + " characters");
    }
    return text;
  }

  private static List<String> words(ServerRequest request) {
    List<String> words =
        text(request, "text").stream()
            .flatMap(text -> Arrays.stream(text.split("\\s+")))
            .distinct()
            .toList();
    if (words.size() > MAX_WORDS) {
      throw RefusedRequestException.badRequest("text: expected at most " + MAX_WORDS + " words");
    }
    return words;
  }

  private FoundPage search(Wanted wanted) {
    if (wanted.before().isPresent()) {
      pages.requireSeen(wanted.before().get(), new Viewer(wanted.owner()));
    }
    long endNs = System.nanoTime() + TIME.toNanos();
    List<FoundBody> found = new ArrayList<>();
    Optional<SessionId> from = wanted.before();
    while (true) {
      Step step = wanted.words().isEmpty() ? sessionsFrom(wanted, from) : wordsFrom(wanted, from);
      for (Map.Entry<SessionRecord, List<Segment>> entry : step.sessions().entrySet()) {
        if (wanted.fits(entry.getKey()) && isSpoken(wanted, entry.getKey(), entry.getValue())) {
          found.add(body(entry.getKey(), wanted, entry.getValue()));
          if (found.size() == wanted.limit()) {
            return new FoundPage(found, entry.getKey().sessionId().value());
          }
        }
        // A language is looked up in each session's segments.
        if (wanted.language().isPresent() && System.nanoTime() - endNs >= 0) {
          return new FoundPage(found, entry.getKey().sessionId().value());
        }
      }
      from = step.next();
      if (from.isEmpty() || System.nanoTime() - endNs >= 0) {
        return new FoundPage(found, from.map(SessionId::value).orElse(null));
      }
    }
  }

  /** By the segments that have the words, else by the session's first. */
  private boolean isSpoken(Wanted wanted, SessionRecord session, List<Segment> matches) {
    return wanted
        .language()
        .map(
            language ->
                (matches.isEmpty()
                        ? sessions.segments(session.sessionId(), 1, HEARD_SEGMENTS)
                        : matches)
                    .stream().anyMatch(segment -> languages.is(segment, language)))
        .orElse(true);
  }

  /**
   * What one read of the store brings.
   *
   * @param sessions with their segments that have the words, newest first
   * @param next where the next step begins; empty after the last
   */
  private record Step(Map<SessionRecord, List<Segment>> sessions, Optional<SessionId> next) {}

  private Step sessionsFrom(Wanted wanted, Optional<SessionId> from) {
    List<SessionRecord> page = sessions.list(wanted.sessions(from));
    Map<SessionRecord, List<Segment>> step = new LinkedHashMap<>();
    page.forEach(session -> step.put(session, List.of()));
    return new Step(
        step, page.size() < STEP ? Optional.empty() : Optional.of(page.getLast().sessionId()));
  }

  private Step wordsFrom(Wanted wanted, Optional<SessionId> from) {
    WordQuery.Page page = sessions.find(wanted.words(from));
    Map<SessionId, List<Segment>> bySession =
        page.segments().stream()
            .collect(
                Collectors.groupingBy(Segment::sessionId, LinkedHashMap::new, Collectors.toList()));
    Map<SessionRecord, List<Segment>> step = new LinkedHashMap<>();
    bySession.forEach(
        (id, segments) -> sessions.find(id).ifPresent(session -> step.put(session, segments)));
    return new Step(step, page.next());
  }

  private FoundBody body(SessionRecord session, Wanted wanted, List<Segment> matches) {
    return new FoundBody(
        pages.body(session),
        wanted.words().isEmpty()
            ? null
            : matches.stream().limit(SHOWN_MATCHES).map(TranscriptJson::segment).toList());
  }
}
