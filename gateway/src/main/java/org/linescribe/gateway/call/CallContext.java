package org.linescribe.gateway.call;

import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.digest.DigestClient;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.tracing.SessionTraces;

/**
 * What every call of a gateway uses.
 *
 * @param networks whose a call is
 * @param nanoClock monotonic
 * @param callLog takes the record of each call that had a session
 * @param qualityAlerts is told when a call's quality crosses a threshold
 * @param announcements what calls are told before they are transcribed
 * @param recordings where recordings of calls are kept; null where none are
 * @param traces records what calls do
 * @param timers runs what their timers wait for
 * @param accounts by host, answers its challenges to our INVITE
 */
record CallContext(
    CallSettings settings,
    CallerNetworks networks,
    Sessions sessions,
    RtpEngine rtp,
    SrtpMode srtp,
    CallMetrics metrics,
    Clock clock,
    LongSupplier nanoClock,
    CallLog callLog,
    QualitySettings quality,
    QualityAlert.Listener qualityAlerts,
    Announcements announcements,
    @Nullable CallRecordings recordings,
    SessionTraces traces,
    TimerScheduler timers,
    Function<String, Optional<DigestClient>> accounts) {}
