package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceRequest;

class CallMediaListenerTest {
  private static final int PACKET = 160;
  private static final int MINUTE_PACKETS = 3000;

  private final Recording source =
      new Recording(SourceRequest.of(SessionId.random(0), "sip"), null, true, Integer.MAX_VALUE);
  private final CallMediaListener listener =
      new CallMediaListener(
          0,
          CallSettings.Dtmf.REPORT,
          new CallMetrics(new SimpleMeterRegistry(), () -> 0),
          () -> {},
          failure -> {},
          key -> {});

  private void audio(int amplitude) {
    short[] pcm = new short[PACKET];
    Arrays.fill(pcm, (short) amplitude);
    listener.onAudio(pcm, PACKET);
  }

  /** A recogniser decodes silence in small pieces and jumps over a long one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8, -8})
  void tellsALongSilenceInLongPiecesAndLosesNoTime(int idleAmplitude) {
    listener.attach(source);
    audio(1000);

    for (int i = 0; i < MINUTE_PACKETS; i++) {
      audio(idleAmplitude);
    }
    audio(1000);

    assertThat(source.skips()).isLessThan(610);
    assertThat(source.acceptedSamples()).isEqualTo(2 * PACKET);
    assertThat(source.timeline()).hasSize((MINUTE_PACKETS + 2) * PACKET);
    assertThat(source.timeline()[(MINUTE_PACKETS + 1) * PACKET]).isNotZero();
  }

  @Test
  void tellsAPauseWithinSpeechAtOnce() {
    listener.attach(source);

    for (int i = 0; i < 100; i++) {
      listener.onSilence(PACKET);
    }

    assertThat(source.skippedSamples()).isEqualTo(100 * PACKET);
  }

  /** A renegotiation comes with every hold and every refreshed session timer. */
  @Test
  void tellsAKeyOnceThatComesBySignallingAndAsAToneAfterARenegotiation() {
    listener.attach(source);
    listener.keysAreTones(true);
    listener.signalledKey('1', 0);

    listener.keysAreTones(true);
    tone(697, 1209);
    listener.signalledKey('1', 0);

    assertThat(source.digits()).isEqualTo("11");
  }

  /** Some telephones send both; the tone is heard before the INFO comes. */
  @Test
  void tellsAKeyOnceThatIsAToneAndThenAnInfo() {
    listener.attach(source);
    listener.keysAreTones(true);

    tone(697, 1209);
    listener.signalledKey('1', 4000);
    listener.signalledKey('1', 9000);

    assertThat(source.digits()).isEqualTo("11");
  }

  @Test
  void tellsAKeyOnceThatIsATelephoneEventAndAnInfoInEitherOrder() {
    listener.attach(source);
    TelephoneEvent one = new TelephoneEvent(1, false, 10, 800);

    listener.onTelephoneEvent(one, 0);
    listener.onTelephoneEvent(one, 3000);
    listener.signalledKey('1', 1000);
    listener.signalledKey('1', 4000);
    listener.signalledKey('2', 5000);
    listener.onTelephoneEvent(new TelephoneEvent(2, false, 10, 800), 5100);
    listener.onTelephoneEvent(new TelephoneEvent(2, false, 10, 800), 40_000);

    assertThat(source.digits()).isEqualTo("1122");
  }

  @Test
  void tellsAKeyThatIsATone() {
    listener.attach(source);
    listener.keysAreTones(true);

    tone(697, 1209);

    assertThat(source.digits()).isEqualTo("1");
  }

  /** Made up from the first, the sound between them would make both one key. */
  @Test
  void tellsAKeyTwiceThatIsPressedTwiceAroundALossAndWritesWhatIsMadeUp() {
    listener.attach(source);
    listener.keysAreTones(true);

    tone(770, 1336);
    short[] madeUp = tonePcm(770, 1336, 3 * PACKET);
    listener.onConcealed(madeUp, madeUp.length);
    tone(770, 1336);

    assertThat(source.digits()).isEqualTo("55");
    assertThat(source.acceptedSamples()).isEqualTo(23 * PACKET);
  }

  @Test
  void tellsNoKeyThatIsMadeUp() {
    listener.attach(source);
    listener.keysAreTones(true);
    short[] blip = tonePcm(770, 1336, PACKET);

    listener.onAudio(blip, blip.length);
    short[] madeUp = tonePcm(770, 1336, 3 * PACKET);
    listener.onConcealed(madeUp, madeUp.length);
    audio(0);

    assertThat(source.digits()).isEmpty();
  }

  private void tone(int rowHz, int columnHz) {
    short[] pcm = tonePcm(rowHz, columnHz, 10 * PACKET);
    listener.onAudio(pcm, pcm.length);
  }

  private static short[] tonePcm(int rowHz, int columnHz, int samples) {
    short[] pcm = new short[samples];
    for (int i = 0; i < pcm.length; i++) {
      double angle = 2 * Math.PI * i / 8000;
      pcm[i] = (short) (3000 * (Math.sin(rowHz * angle) + Math.sin(columnHz * angle)));
    }
    return pcm;
  }
}
