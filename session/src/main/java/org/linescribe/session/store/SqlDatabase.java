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

  private final HikariDataSource pool;
  private final boolean embedded;
  private final boolean own;
  private final Duration connectTimeout;
  private final ReentrantLock migration = new ReentrantLock();
  private volatile boolean migrated;
  private volatile boolean compact;

  /**
   * @param own whether it is that of a data folder, which no other process has
   */
  private SqlDatabase(SqlStoreSettings settings, boolean own) {
    this.pool = new HikariDataSource(pool(settings));
    this.embedded = settings.isEmbedded();
    this.own = own;
    this.connectTimeout = settings.connectTimeout();
  }

  /**
   * The store on a server, which may be down now.
   *
   * @throws IllegalStateException when the server answers and refuses this user, or its schema
   *     cannot be laid
   */
  static SqlDatabase connect(SqlStoreSettings settings) {
    SqlDatabase database = new SqlDatabase(settings, false);
    try {
      database.migrate();
    } catch (StoreUnavailableException down) {
      SqlFailures.refusal(down)
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
      SqlDatabase database = new SqlDatabase(settings, true);
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
              + (SqlFailures.isLocked(broken)
                  ? " is in use by another process"
                  : " holds no usable database: " + broken.getMessage()),
          broken);
    }
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
      SqlSchema.lay(pool, own);
      migrated = true;
    } catch (SQLException down) {
      throw SqlFailures.unavailable(down);
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
    return run(connection -> update(connection, sql, parameters));
  }

  /** As {@link #update}; empty when a row with the same key is there already. */
  OptionalInt insert(String sql, @Nullable Object... parameters) {
    return run(connection -> insert(connection, sql, parameters));
  }

  <T> List<T> query(String sql, Row<T> row, @Nullable Object... parameters) {
    return run(
        connection -> {
          List<T> found = new ArrayList<>();
          try (PreparedStatement statement = prepared(connection, sql, parameters);
              ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
              found.add(row.read(rows));
            }
          }
          return found;
        });
  }

  /** Executes a statement and, in the same transaction, others when it changed a row. */
  boolean updateAll(String sql, List<Object> parameters, List<SqlWordIndex.Statement> whenChanged) {
    return inTransaction(
        connection -> {
          boolean changed = update(connection, sql, parameters.toArray()) > 0;
          if (changed) {
            for (SqlWordIndex.Statement other : whenChanged) {
              update(connection, other.sql(), other.parameters().toArray());
            }
          }
          return changed;
        });
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
    return inTransaction(
        connection -> {
          boolean fresh = insert(connection, sql, parameters).isPresent();
          if (fresh) {
            update(connection, others.get().sql(), others.get().parameters().toArray());
          }
          return fresh;
        });
  }

  private <T> T inTransaction(Work<T> work) {
    return run(
        connection -> {
          connection.setAutoCommit(false);
          // A connection that goes back to the pool without a commit is rolled back there.
          T done = work.with(connection);
          connection.commit();
          return done;
        });
  }

  private <T> T run(Work<T> work) {
    migrate();
    try (Connection connection = pool.getConnection()) {
      return work.with(connection);
    } catch (SQLException failed) {
      reopenIfEmbedded(failed);
      throw SqlFailures.unavailable(failed);
    }
  }

  private static OptionalInt insert(
      Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
    try {
      return OptionalInt.of(update(connection, sql, parameters));
    } catch (SQLException refused) {
      if (SqlFailures.isDuplicate(refused)) {
        return OptionalInt.empty();
      }
      throw refused;
    }
  }

  private static int update(Connection connection, String sql, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = prepared(connection, sql, parameters)) {
      return statement.executeUpdate();
    }
  }

  /** The connection closes it, should its parameters be refused. */
  private static PreparedStatement prepared(
      Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
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
        if (!SqlFailures.isClosed(failed)) {
          LOG.warn("The embedded database was not compacted: {}", failed.getMessage());
        }
      }
    }
    pool.close();
  }

  private interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  /** Reads one row of a result. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }
}
