package org.linescribe.session.calls;

import java.util.List;

/**
 * How the SIP line of this node does, for operators.
 *
 * <p>Thread: any; does not block.
 */
public interface LineStatus {
  /** Calls now and how many there may be: a further one gets 503. */
  LineUsage calls();

  /** Pairs of ports for the audio of calls: without a free one a call gets 503. */
  LineUsage portPairs();

  /** In the order of the settings. */
  List<RegistrationStatus> registrations();

  /** In the order of the settings. */
  List<TrunkStatus> trunks();

  /**
   * @param used now
   * @param limit at once; 0 where nothing is limited
   */
  record LineUsage(int used, int limit) {}

  /** A node without a line. */
  LineStatus NONE =
      new LineStatus() {
        @Override
        public LineUsage calls() {
          return new LineUsage(0, 0);
        }

        @Override
        public LineUsage portPairs() {
          return new LineUsage(0, 0);
        }

        @Override
        public List<RegistrationStatus> registrations() {
          return List.of();
        }

        @Override
        public List<TrunkStatus> trunks() {
          return List.of();
        }
      };
}
