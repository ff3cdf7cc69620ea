package org.linescribe.session.numbering;

import java.time.Clock;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.text.TextStage;

/** The stores, meters, clock, settings and text stage that every source's writer uses. */
public record SourceContext(
    DurableStore store,
    LiveTranscript live,
    SourceMeters meters,
    Clock clock,
    SessionSettings settings,
    TextStage text) {}
