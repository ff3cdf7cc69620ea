package org.linescribe.media.jitter;

import java.util.Arrays;
import java.util.Map;

/**
 * What each payload type means in a call, as its SDP negotiated.
 *
 * <p>Thread: any; immutable.
 */
public final class PayloadMap {
  /** Static payload type of comfort noise at 8 kHz. Source: RFC 3551 §6. */
  public static final int COMFORT_NOISE_PAYLOAD_TYPE = 13;

  private final PayloadKind[] kinds = new PayloadKind[128];

  /**
   * @param types payload type, 0..127, to kind; all others are unknown
   */
  public PayloadMap(Map<Integer, PayloadKind> types) {
    Arrays.fill(kinds, PayloadKind.UNKNOWN);
    types.forEach(
        (type, kind) -> {
          if (type < 0 || type > 127) {
            throw new IllegalArgumentException("payloadType: " + type + " (expected: 0..127)");
          }
          kinds[type] = kind;
        });
  }

  /** 0 PCMU, 8 PCMA, 13 comfort noise, and telephone-event where the caller says. */
  public static PayloadMap standard(int telephoneEventPayloadType) {
    return new PayloadMap(
        Map.of(
            0,
            PayloadKind.PCMU,
            8,
            PayloadKind.PCMA,
            COMFORT_NOISE_PAYLOAD_TYPE,
            PayloadKind.COMFORT_NOISE,
            telephoneEventPayloadType,
            PayloadKind.TELEPHONE_EVENT));
  }

  /**
   * @param payloadType 0..127
   */
  public PayloadKind kind(int payloadType) {
    return kinds[payloadType];
  }
}
