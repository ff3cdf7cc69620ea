package org.linescribe.session.store;

import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.StoreUnavailableException;

/**
 * What the failures of H2, MySQL and MariaDB mean.
 *
 * <p>Source: H2, ErrorCode; MySQL, Server Error Message Reference; MariaDB, Error Codes.
 */
final class SqlFailures {
  private static final int H2_FILE_LOCKED = 90020;
  private static final int H2_CLOSED = 90121;
  private static final String H2_DUPLICATE_KEY = "23505";
  private static final int MYSQL_DUPLICATE_KEY = 1062;
  private static final int MYSQL_DATABASE_DENIED = 1044;
  private static final int MYSQL_ACCESS_DENIED = 1045;
  private static final int MYSQL_UNKNOWN_DATABASE = 1049;
  private static final int MYSQL_ACCESS_DENIED_NO_PASSWORD = 1698;

  private SqlFailures() {}

  /**
   * Why a server that answers will never let this node in: its user, its password or its database
   * is wrong, and waiting does not help. The driver's message is left out, since it names the user.
   */
  static Optional<String> refusal(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SQLException sql) {
        switch (sql.getErrorCode()) {
          case MYSQL_ACCESS_DENIED, MYSQL_ACCESS_DENIED_NO_PASSWORD -> {
            return Optional.of(
                "linescribe.mysql.user, linescribe.mysql.password: the database refuses them (code "
                    + sql.getErrorCode()
                    + ")");
          }
          case MYSQL_DATABASE_DENIED, MYSQL_UNKNOWN_DATABASE -> {
            return Optional.of(
                "linescribe.mysql.url: its database does not exist, or the user has no access to it"
                    + " (code "
                    + sql.getErrorCode()
                    + ")");
          }
          default -> {
            // The next cause may say more.
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Another process has the embedded database open. */
  static boolean isLocked(@Nullable Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof SQLException sql && sql.getErrorCode() == H2_FILE_LOCKED) {
        return true;
      }
    }
    return false;
  }

  static boolean isDuplicate(SQLException refused) {
    return H2_DUPLICATE_KEY.equals(refused.getSQLState())
        || refused.getErrorCode() == MYSQL_DUPLICATE_KEY;
  }

  /** The embedded database is shut already. */
  static boolean isClosed(SQLException failed) {
    return failed.getErrorCode() == H2_CLOSED;
  }

  static StoreUnavailableException unavailable(SQLException cause) {
    return new StoreUnavailableException(
        "the segment store does not answer (SQL state "
            + cause.getSQLState()
            + ", code "
            + cause.getErrorCode()
            + ")",
        cause);
  }
}
