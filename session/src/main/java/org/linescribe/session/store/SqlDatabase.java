package org.linescribe.session.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.storage.DataFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of connections to a database whose schema is laid at the first call that reaches it.
 * Thread: any; blocks.
 */
final class SqlDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqlDatabase.class);
  private static final int H2_FILE_LOCKED = 90020;
  private static final int H2_CLOSED = 90121;
  private static final String H2_DUPLICATE_KEY = "23505";
  private static final int MYSQL_DUPLICATE_KEY = 1062;
  private static final int MYSQL_DATABASE_DENIED = 1044;
  private static final int MYSQL_ACCESS_DENIED = 1045;
  private static final int MYSQL_UNKNOWN_DATABASE = 1049;
  private static final int MYSQL_ACCESS_DENIED_NO_PASSWORD = 1698;

  private final HikariDataSource pool;
  private final boolean embedded;
  private final Duration connectTimeout;
  private final ReentrantLock migration = new ReentrantLock();
  private volatile boolean migrated;
  private volatile boolean compact;

  private SqlDatabase(SqlStoreSettings settings) {
    this.pool = new HikariDataSource(pool(settings));
    this.embedded = settings.isEmbedded();
    this.connectTimeout = settings.connectTimeout();
  }

  /**
   * The store on a server, which may be down now.
   *
   * @throws IllegalStateException when the server answers and refuses this user, or its schema
   *     cannot be laid
   */
  static SqlDatabase connect(SqlStoreSettings settings) {
    SqlDatabase database = new SqlDatabase(settings);
    try {
      database.migrate();
    } catch (StoreUnavailableException down) {
      refusal(down)
          .ifPresent(
              reason -> {
                database.close();
                throw new IllegalStateException(reason, down);
              });
      LOG.warn("The segment store {} does not answer yet: {}", settings, down.getMessage());
    } catch (RuntimeException broken) {
      database.close();
      throw broken;
    }
    return database;
  }

  /**
   * The embedded store in a directory, made when it is missing.
   *
   * @throws IllegalStateException when another process uses the directory, or it cannot be written
   */
  static SqlDatabase embedded(Path directory) {
    try {
      DataFolder.create(directory);
    } catch (IOException unwritable) {
      throw new IllegalStateException(
          "data directory " + directory + " cannot be made: " + unwritable, unwritable);
    }
    // async: a FileChannel closes itself, and the database with it, when a thread in it is
    // interrupted; an AsynchronousFileChannel does not. WRITE_DELAY=0: H2 otherwise answers a
    // commit up to half a second before it is on the disk.
    String url =
        "jdbc:h2:async:"
            + directory.toAbsolutePath().resolve("linescribe")
            + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";
    if (url.chars().filter(c -> c == ';').count() != 4) {
      throw new IllegalStateException(
          "data directory " + directory + ": its path must not hold a semicolon");
    }
    // The first connection by hand: it opens the files, however long that takes, and says at once
    // why it cannot; the pool would try again until its own time is up.
    try (Connection first = DriverManager.getConnection(url)) {
      first.getMetaData();
      SqlStoreSettings settings =
          new SqlStoreSettings(url, "", "", 10, Duration.ofSeconds(10), Duration.ofSeconds(5));
      SqlDatabase database = new SqlDatabase(settings);
      try {
        database.migrate();
        DataFolder.restrictTree(directory);
        return database;
      } catch (IOException | RuntimeException broken) {
        database.close();
        throw broken;
      }
    } catch (SQLException | IOException | RuntimeException broken) {
      throw new IllegalStateException(
          "data directory "
              + directory
              + (isLocked(broken)
                  ? " is in use by another process"
                  : " holds no usable database: " + broken.getMessage()),
          broken);
    }
  }

  /**
   * Why a server that answers will never let this node in: its user, its password or its database
   * is wrong, and waiting does not help. The driver's message is left out, since it names the user.
   */
  private static Optional<String> refusal(Throwable failure) {
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

  private static boolean isLocked(@Nullable Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof SQLException sql && sql.getErrorCode() == H2_FILE_LOCKED) {
        return true;
      }
    }
    return false;
  }

  private static HikariConfig pool(SqlStoreSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("linescribe-store");
    config.setJdbcUrl(settings.url());
    if (!settings.user().isEmpty()) {
      config.setUsername(settings.user());
      config.setPassword(settings.password());
    }
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(Math.min(2, settings.poolSize()));
    config.setConnectionTimeout(settings.connectTimeout().toMillis());
    config.setValidationTimeout(settings.connectTimeout().toMillis());
    config.setInitializationFailTimeout(-1);
    if (!settings.isEmbedded()) {
      config.addDataSourceProperty("connectTimeout", settings.connectTimeout().toMillis());
      config.addDataSourceProperty("socketTimeout", settings.readTimeout().toMillis());
      config.addDataSourceProperty("tcpKeepAlive", "true");
      config.addDataSourceProperty("characterEncoding", "UTF-8");
    }
    return config;
  }

  private void migrate() {
    if (migrated) {
      return;
    }
    if (!isMyTurn()) {
      throw new StoreUnavailableException("the segment store does not answer yet");
    }
    try {
      if (migrated) {
        return;
      }
      try (Connection probe = pool.getConnection()) {
        probe.getMetaData();
      } catch (SQLException down) {
        throw unavailable(down);
      }
      Flyway.configure(SqlDatabase.class.getClassLoader())
          .dataSource(pool)
          .locations("classpath:org/linescribe/session/store/migrations")
          .javaMigrations(new WordIndexMigration())
          .table("linescribe_schema")
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .load()
          .migrate();
      migrated = true;
    } catch (FlywayException failed) {
      throw new IllegalStateException("the schema cannot be laid: " + failed.getMessage(), failed);
    } finally {
      migration.unlock();
    }
  }

  /** Whoever waits for one that finds the server down would find it so, one after another. */
  private boolean isMyTurn() {
    try {
      return migration.tryLock(connectTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Executes a statement; the rows that it changed. */
  int update(String sql, @Nullable Object... parameters) {
    return run(sql, PreparedStatement::executeUpdate, parameters);
  }

  /** As {@link #update}; empty when a row with the same key is there already. */
  OptionalInt insert(String sql, @Nullable Object... parameters) {
    return run(
        sql,
        statement -> {
          try {
            return OptionalInt.of(statement.executeUpdate());
          } catch (SQLException refused) {
            if (isDuplicate(refused)) {
              return OptionalInt.empty();
            }
            throw refused;
          }
        },
        parameters);
  }

  <T> List<T> query(String sql, Row<T> row, @Nullable Object... parameters) {
    return run(
        sql,
        statement -> {
          List<T> found = new ArrayList<>();
          try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
              found.add(row.read(rows));
            }
          }
          return found;
        },
        parameters);
  }

  private <T> T run(String sql, Work<T> work, @Nullable Object... parameters) {
    migrate();
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return work.with(statement);
    } catch (SQLException failed) {
      reopenIfEmbedded(failed);
      throw unavailable(failed);
    }
  }

  /** Executes a statement and, in the same transaction, others when it changed a row. */
  boolean updateAll(
      String sql, List<Object> parameters, List<String> whenChanged, List<Object> theirParameters) {
    migrate();
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      // A connection that goes back to the pool without a commit is rolled back there.
      boolean changed = update(connection, sql, parameters) > 0;
      if (changed) {
        for (String other : whenChanged) {
          update(connection, other, theirParameters);
        }
      }
      connection.commit();
      return changed;
    } catch (SQLException failed) {
      reopenIfEmbedded(failed);
      throw unavailable(failed);
    }
  }

  /**
   * Inserts a row and, in the same transaction, others that belong to it.
   *
   * @return false when a row with the same key is there already; nothing is inserted then
   */
  boolean insertBoth(
      Optional<SqlWordIndex.Statement> others, String sql, @Nullable Object... parameters) {
    if (others.isEmpty()) {
      return insert(sql, parameters).isPresent();
    }
    migrate();
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < parameters.length; i++) {
          statement.setObject(i + 1, parameters[i]);
        }
        statement.executeUpdate();
      } catch (SQLException refused) {
        if (isDuplicate(refused)) {
          return false;
        }
        throw refused;
      }
      update(connection, others.get().sql(), others.get().parameters());
      connection.commit();
      return true;
    } catch (SQLException failed) {
      reopenIfEmbedded(failed);
      throw unavailable(failed);
    }
  }

  private static boolean isDuplicate(SQLException refused) {
    return H2_DUPLICATE_KEY.equals(refused.getSQLState())
        || refused.getErrorCode() == MYSQL_DUPLICATE_KEY;
  }

  private static int update(Connection connection, String sql, List<Object> parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.size(); i++) {
        statement.setObject(i + 1, parameters.get(i));
      }
      return statement.executeUpdate();
    }
  }

  boolean isReachable() {
    try {
      migrate();
      try (Connection connection = pool.getConnection()) {
        return connection.isValid(1);
      }
    } catch (SQLException failed) {
      reopenIfEmbedded(failed);
      return false;
    } catch (RuntimeException down) {
      return false;
    }
  }

  /**
   * H2 shuts itself at a failed write (a full disk) and stays shut while one connection to it is
   * left: all are dropped, and the next one opens the files again.
   */
  private void reopenIfEmbedded(SQLException failed) {
    String state = String.valueOf(failed.getSQLState());
    // 22, 23, 42: the statement was at fault, not the database.
    if (embedded && Stream.of("22", "23", "42").noneMatch(state::startsWith)) {
      HikariPoolMXBean connections = pool.getHikariPoolMXBean();
      if (connections != null) {
        connections.softEvictConnections();
      }
    }
  }

  private static StoreUnavailableException unavailable(SQLException cause) {
    return new StoreUnavailableException(
        "the segment store does not answer (SQL state "
            + cause.getSQLState()
            + ", code "
            + cause.getErrorCode()
            + ")",
        cause);
  }

  /**
   * Deleted rows lie in the embedded database's file until their space is used again: closing it
   * rewrites the file without them. A server's files are its administrator's.
   */
  void compactAtClose() {
    compact = embedded;
  }

  @Override
  public void close() {
    if (compact) {
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("SHUTDOWN COMPACT");
      } catch (SQLException failed) {
        // The connection that shut it down finds it so at its own close.
        if (failed.getErrorCode() != H2_CLOSED) {
          LOG.warn("The embedded database was not compacted: {}", failed.getMessage());
        }
      }
    }
    pool.close();
  }

  private interface Work<T> {
    T with(PreparedStatement statement) throws SQLException;
  }

  /** Reads one row of a result. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }
}
