package org.linescribe.gateway.srtp;

/**
 * The keys of a stream.
 *
 * @param send protects what we send
 * @param receive opens what the peer sends
 */
public record SrtpKeys(SrtpKey send, SrtpKey receive) {}
