package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.List;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** Limits and times of calls. */
@SettingsGroup("linescribe.call")
public record CallSettings(
    @Setting("Calls at once; more get 503.") @Default("500") @Range("1 to 30000") int maxCalls,
    @Setting("What the Retry-After of a 503 asks for.") @Default("5s") @Range("1s to 1h")
        Duration retryAfter,
    @Setting("Whether a caller may choose its session by X-Session-Id.") @Default("true")
        boolean sessionIdHeader,
    @Setting("How long a call rings before it is answered.") @Default("0s") @Range("0s to 3m")
        Duration answerDelay,
    @Setting("A session that is not open by then costs the call a 503.")
        @Default("10s")
        @Range("100ms to 1m")
        Duration openTimeout,
    @Setting(
            "An answer that is not acknowledged by then ends the call (64·T1, RFC 3261 §13.3.1.4).")
        @Default("32s")
        @Range("1s to 1m")
        Duration ackTimeout,
    @Setting(
            "Calls of one address (IPv6: of one /64) that ring or await their ACK at once; more get"
                + " 503. All addresses that have not acknowledged a call yet share one and a half"
                + " times as many.")
        @Default("100")
        @Range("1 to 30000")
        int maxPendingPerSource,
    @Setting(
            "A held or silent peer is asked by OPTIONS in the dialog after this long; its call ends"
                + " when it neither answers nor sends media within the same time, 32 s at most.")
        @Default("30s")
        @Range("1s to 1h")
        Duration keepaliveInterval,
    @Setting(
            "Networks, as ADDRESS/PREFIX, whose callers may choose their session by X-Session-Id,"
                + " besides those of trunks; the header of others is ignored, and they count as"
                + " strangers.")
        @Default("127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7")
        List<String> sessionIdNetworks,
    @Setting(
            "Whether readers of a session are told of the keys that callers press: report, mask (an"
                + " X for each), off. Keys are not stored.")
        @Default("report")
        Dtmf dtmf,
    @Setting(
            "Key that pauses the recording of a call, and at the next press lets it go on: one of"
                + " 0-9 * # A-D; empty: none.")
        String recordingKey,
    @Setting(
            "WAV file (16-bit PCM or G.711, at most 2 min) that is played to each caller before its"
                + " audio is transcribed and recorded, for consent; empty or none: none."
                + " announcement of linescribe.line.routes names another one.")
        String announcement,
    @Setting(
            "How long running calls may go on after SIGTERM before they are flushed and ended; new"
                + " ones get 503 meanwhile, and the gateway is not ready.")
        @Default("0s")
        @Range("0s to 4h")
        Duration drainWait) {

  /** What readers are told of a key. */
  public enum Dtmf {
    REPORT,
    MASK,
    OFF
  }

  public CallSettings {
    SettingsCheck.ranges(
        CallSettings.class,
        maxCalls,
        retryAfter,
        answerDelay,
        openTimeout,
        ackTimeout,
        maxPendingPerSource,
        keepaliveInterval,
        drainWait);
    SettingsCheck.require(
        recordingKey.matches("[0-9*#A-D]?"),
        "linescribe.call.recording-key",
        "'" + recordingKey + "'",
        "one of 0-9 * # A-D, or nothing");
    sessionIdNetworks = List.copyOf(sessionIdNetworks);
    CallerNetworks.of(sessionIdNetworks);
  }

  CallerNetworks networks() {
    return CallerNetworks.of(sessionIdNetworks);
  }

  public static CallSettings defaults() {
    return SettingsDefaults.of(CallSettings.class);
  }
}
