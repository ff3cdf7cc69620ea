package org.linescribe.gateway.rtp;

/**
 * What became of a session's packets.
 *
 * @param timelineSamples length of the timeline told, at 8 kHz
 */
public record RtpSummary(
    long received, long lost, long late, long duplicate, double jitterMs, long timelineSamples) {}
