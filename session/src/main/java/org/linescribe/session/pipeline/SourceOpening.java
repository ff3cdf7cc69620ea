package org.linescribe.session.pipeline;

import java.util.List;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.store.StoreWrite;

/**
 * What the opening of a source found out.
 *
 * @param nextSeq number of its first final
 * @param offsetMs from the session's start to this source's
 * @param recognisers the wanted one first, then those to fail over to
 * @param description what is kept of the session from now on
 */
record SourceOpening(
    SourceRequest request,
    SourceLease.Grant grant,
    long nextSeq,
    long offsetMs,
    List<Recogniser> recognisers,
    StreamOptions options,
    StoreWrite.Opened description) {}
