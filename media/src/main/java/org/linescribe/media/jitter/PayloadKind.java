package org.linescribe.media.jitter;

/** What the packets of a payload type carry. */
public enum PayloadKind {
  /** G.711 μ-law. */
  PCMU,
  /** G.711 A-law. */
  PCMA,
  /** The source is silent from this timestamp on. Source: RFC 3389. */
  COMFORT_NOISE,
  /** Source: RFC 4733. */
  TELEPHONE_EVENT,
  /** Not negotiated: takes a sequence number and no time. */
  UNKNOWN
}
