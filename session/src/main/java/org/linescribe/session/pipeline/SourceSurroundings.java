package org.linescribe.session.pipeline;

import java.time.Clock;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;

/** Where the sources' results go and what their writers ask. */
record SourceSurroundings(
    DurableStore store,
    LiveTranscript live,
    SessionMeters meters,
    Clock clock,
    SessionSettings settings) {}
