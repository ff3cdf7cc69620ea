package org.linescribe.gateway.call;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.Announcement;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.gateway.rtp.RtpSummary;
import org.linescribe.gateway.sdp.MediaDescription;
import org.linescribe.gateway.sdp.MediaDirection;
import org.linescribe.gateway.sdp.MediaPolicy;
import org.linescribe.gateway.sdp.MediaProtection;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.gateway.sdp.OfferAnswer;
import org.linescribe.gateway.sdp.SdpException;
import org.linescribe.gateway.sdp.SdpParser;
import org.linescribe.session.SessionSource;
import org.linescribe.session.recordings.CallRecorder;

/**
 * The offer/answer state of a call and the RTP sessions that follow it: one for a call, one for
 * each stream of a recording session.
 *
 * <p>Thread: the call's event loop.
 */
final class CallMedia {
  private final List<CallStream> streams;
  private final String address;
  private OfferAnswer negotiation;
  private MediaPolicy policy;
  private boolean ourOfferIsOpen;
  private @Nullable Transfer transfer;
  private final IntFunction<CompletionStage<CallStream>> opener;

  private CallMedia(
      List<CallStream> streams,
      String address,
      OfferAnswer negotiation,
      MediaPolicy policy,
      IntFunction<CompletionStage<CallStream>> opener) {
    this.streams = streams;
    this.address = address;
    this.opener = opener;
    this.policy = policy;
    this.negotiation = negotiation;
  }

  /**
   * What the media of a call reports, on its event loop.
   *
   * @param end called when no stream brings media any more
   * @param fail called with a bug of ours
   * @param key called with each key that is pressed
   */
  record Events(
      CallMetrics metrics,
      CallSettings.Dtmf dtmf,
      Consumer<CallOutcome> end,
      Consumer<RuntimeException> fail,
      Consumer<Character> key) {}

  /**
   * Binds the ports of a call's streams.
   *
   * @param count of streams, 1 for a call
   * @param address our address in SDP
   * @return fails when a port is missing; nothing is left open then
   */
  static CompletionStage<CallMedia> open(
      EventLoop loop,
      RtpEngine engine,
      int count,
      boolean recording,
      Events events,
      String address,
      long sessionNumber,
      MediaPolicy policy) {
    List<CallStream> streams = new ArrayList<>();
    Runnable onTimeout =
        () -> {
          if (streams.stream().allMatch(stream -> stream.rtp.isSilent())) {
            events.end().accept(new CallOutcome.RtpTimeout());
          }
        };
    IntFunction<CompletionStage<CallStream>> opener =
        leg -> {
          CallMediaListener listener =
              new CallMediaListener(
                  leg, events.dtmf(), events.metrics(), onTimeout, events.fail(), events.key());
          return engine.open(loop, listener).thenApply(rtp -> new CallStream(listener, rtp));
        };
    return openAll(opener, 0, count)
        .thenApply(
            opened -> {
              streams.addAll(opened);
              List<Integer> ports = streams.stream().map(s -> s.rtp.rtpPort()).toList();
              return new CallMedia(
                  streams,
                  address,
                  recording
                      ? OfferAnswer.ofRecording(address, ports, sessionNumber, policy)
                      : new OfferAnswer(address, ports.getFirst(), sessionNumber, policy),
                  policy,
                  opener);
            });
  }

  /** All of them, or none. */
  private static CompletionStage<List<CallStream>> openAll(
      IntFunction<CompletionStage<CallStream>> opener, int firstLeg, int count) {
    List<CompletableFuture<CallStream>> opening = new ArrayList<>();
    for (int leg = firstLeg; leg < firstLeg + count; leg++) {
      opening.add(opener.apply(leg).toCompletableFuture());
    }
    return CompletableFuture.allOf(opening.toArray(CompletableFuture[]::new))
        .whenComplete(
            (all, failure) -> {
              if (failure != null) {
                opening.forEach(one -> one.thenAccept(CallStream::close));
              }
            })
        .thenApply(all -> opening.stream().map(CompletableFuture::join).toList());
  }

  /** The streams that an offer adds to a recording; none where it cannot be read. */
  List<MediaDescription> added(byte[] offer) {
    try {
      return offer.length == 0 ? List.of() : negotiation.added(SdpParser.parse(offer));
    } catch (SdpException unreadable) {
      // Its answer says so.
      return List.of();
    }
  }

  /**
   * Binds the ports of streams that are to be added.
   *
   * @return fails when a port is missing; nothing is left open then
   */
  CompletionStage<List<CallStream>> open(int count) {
    return openAll(opener, streams.size(), count);
  }

  /**
   * Adds a stream whose leg the source has from {@link #elapsedSamples} on.
   *
   * @param atSamples where its timeline begins on the call's
   */
  void add(CallStream stream, SessionSource source, long atSamples, boolean paused) {
    stream.listener.joinsAt(atSamples);
    stream.listener.attach(source);
    stream.listener.pause(paused);
    negotiation.addPort(stream.rtp.rtpPort());
    streams.add(stream);
  }

  /** Length of the call's timeline, also of what no stream has told yet. */
  long elapsedSamples() {
    return streams.stream().mapToLong(stream -> stream.rtp.elapsedSamples()).max().orElse(0);
  }

  /**
   * Creates the session description of a 200.
   *
   * @param offer the peer's offer, empty when the peer expects ours
   */
  byte[] respond(byte[] offer) throws OfferRefusedException {
    if (offer.length == 0) {
      ourOfferIsOpen = true;
      for (CallStream stream : streams) {
        if (stream.agreed().isEmpty()) {
          stream.rtp.offered(
              policy.codecs(), OfferAnswer.OFFERED_TELEPHONE_EVENT, negotiation.offersKeys());
        }
      }
      return negotiation.offer();
    }
    OfferAnswer.NegotiatedAnswer answer = Offers.answer(negotiation, offer, policy);
    apply(answer.streams());
    return answer.text();
  }

  /** Applies the answer in an ACK, when our offer is open. */
  void applyAnswer(byte[] body) throws OfferRefusedException {
    if (!ourOfferIsOpen) {
      return;
    }
    ourOfferIsOpen = false;
    apply(Offers.agreed(negotiation, body));
  }

  /** Whether our offer waits for its answer; the peer must not offer meanwhile (RFC 3264 §4). */
  boolean isOurOfferOpen() {
    return ourOfferIsOpen || transfer != null;
  }

  /** An offer to another peer, which waits for its answer. */
  private record Transfer(OfferAnswer negotiation, MediaPolicy policy) {}

  /**
   * The offer of a call's ports to another peer: with keys of its own, and protected where the call
   * is. Until its answer is applied nothing changes for the present peer.
   *
   * @param isSecure whether nobody on the way reads it
   */
  byte[] offerToAnother(boolean isSecure, long sessionNumber) {
    CallStream stream = streams.getFirst();
    boolean isProtected =
        stream
            .agreed()
            .filter(media -> !(media.protection() instanceof MediaProtection.Plain))
            .isPresent();
    MediaPolicy its = policy.forAnother(isSecure, isProtected);
    Transfer begun =
        new Transfer(new OfferAnswer(address, stream.rtp.rtpPort(), sessionNumber, its), its);
    transfer = begun;
    return begun.negotiation.offer();
  }

  /** The other peer has answered: from here on the media is its. */
  void transferred(byte[] body) throws OfferRefusedException {
    Transfer begun = Objects.requireNonNull(transfer);
    transfer = null;
    List<Optional<NegotiatedMedia>> agreed = Offers.agreed(begun.negotiation, body);
    streams.forEach(stream -> stream.rtp.anotherPeer());
    apply(agreed);
    negotiation = begun.negotiation;
    policy = begun.policy;
  }

  /** The other peer does not answer: nothing has changed. */
  void notTransferred() {
    transfer = null;
  }

  /** Starts the timeline of each new stream; the peer may send media from now on. */
  void start(InetAddress signalling) {
    streams.forEach(stream -> stream.start(signalling));
  }

  /** The peer acknowledged the answer: its address is not spoofed. */
  void confirm() {
    streams.forEach(stream -> stream.rtp.confirm());
  }

  /** Starts delivery of the audio; earlier audio was dropped. */
  void attach(SessionSource source) {
    streams.forEach(stream -> stream.listener.attach(source));
  }

  /** The caller is being told something first: until then its audio counts as silence. */
  void announcing(boolean on) {
    switched(!on);
    streams.forEach(stream -> stream.listener.announcing(on));
  }

  /** Plays an announcement on the first stream; see {@link RtpSession#play}. */
  void play(Announcement announcement, Runnable begun, Runnable played) {
    streams.getFirst().rtp.play(announcement, begun, played);
  }

  /** Length of the first stream's timeline. */
  long positionSamples() {
    return streams.getFirst().rtp.summary().timelineSamples();
  }

  /** A key that came by signalling. */
  void key(char digit) {
    CallStream first = streams.getFirst();
    first.listener.signalledKey(digit, positionSamples());
  }

  /** Delivers the silence that was held back. */
  void deliverSilence() {
    streams.forEach(stream -> stream.listener.deliverSilence());
  }

  void close() {
    streams.forEach(stream -> stream.rtp.close());
  }

  /** Time since the last valid packet of any stream, or since the start. */
  Duration idleTime() {
    return streams.stream()
        .map(stream -> stream.rtp.idleTime())
        .min(Duration::compareTo)
        .orElseThrow();
  }

  /** Whether every stream is on hold. */
  boolean isHeld() {
    return streams.stream().allMatch(s -> s.agreed().map(NegotiatedMedia::isHeld).orElse(false));
  }

  /** Whether the peer only sends: nothing can be played to it. */
  boolean onlyReceives() {
    return streams
        .getFirst()
        .agreed()
        .map(media -> media.direction() == MediaDirection.RECVONLY)
        .orElse(false);
  }

  /** "pcmu", "pcma", "g722" or "opus", once negotiated. */
  Optional<String> codec() {
    return streams.getFirst().agreed().map(media -> media.codec().name().toLowerCase(Locale.ROOT));
  }

  /** Leaves the audio out of the session, as silence, or takes it in again. */
  void pause(boolean paused) {
    switched(!paused);
    streams.forEach(stream -> stream.listener.pause(paused));
  }

  /** Records every stream that it has a channel for from here on; null ends it. */
  void record(@Nullable CallRecorder recorder) {
    switched(recorder != null);
    recordInto(recorder);
  }

  /** As {@link #record}, where one file takes the place of another: nothing begins or ceases. */
  void recordInto(@Nullable CallRecorder recorder) {
    int channels = recorder == null ? streams.size() : recorder.legs();
    for (int leg = 0; leg < streams.size(); leg++) {
      streams.get(leg).listener.record(leg < channels ? recorder : null);
    }
  }

  /**
   * Transcript or recording begin or cease to take audio: what was said before must not be made up
   * for packets lost behind that, nor heard by what begins, where packets of it wait or are late.
   */
  void switched(boolean begins) {
    for (CallStream stream : streams) {
      if (begins) {
        stream.rtp.omitEarlier();
      } else {
        stream.rtp.forgetHeard();
      }
    }
  }

  int legs() {
    return streams.size();
  }

  /** By leg: as {@link #codec()}, or empty before it is known. */
  String codec(int leg) {
    return streams
        .get(leg)
        .agreed()
        .map(media -> media.codec().name().toLowerCase(Locale.ROOT))
        .orElse("");
  }

  /** By leg. */
  List<RtpSummary> summaries() {
    return streams.stream().map(stream -> stream.rtp.summary()).toList();
  }

  private void apply(List<Optional<NegotiatedMedia>> agreed) {
    for (int index = 0; index < streams.size(); index++) {
      streams.get(index).apply(agreed.get(index));
    }
  }
}
