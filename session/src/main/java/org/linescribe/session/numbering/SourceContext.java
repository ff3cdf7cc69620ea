package org.linescribe.session.numbering;

import java.time.Clock;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.text.TextStage;
import org.linescribe.session.tracing.SessionTraces;

/** The stores, meters, clock, settings, text stage and traces that every source's writer uses. */
public record SourceContext(
    DurableStore store,
    LiveTranscript live,
    SourceMeters meters,
    Clock clock,
    SessionSettings settings,
    TextStage text,
    SessionTraces traces) {}
