package org.linescribe.session.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.linescribe.session.StoreUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of connections to a database whose schema is laid at the first call that reaches it.
 * Thread: any; blocks.
 */
final class SqlDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqlDatabase.class);
  private static final int H2_FILE_LOCKED = 90020;

  private final HikariDataSource pool;
  private final boolean embedded;
  private final Duration connectTimeout;
  private final ReentrantLock migration = new ReentrantLock();
  private volatile boolean migrated;

  private SqlDatabase(SqlStoreSettings settings) {
    this.pool = new HikariDataSource(pool(settings));
    this.embedded = settings.isEmbedded();
    this.connectTimeout = settings.connectTimeout();
  }

  /**
   * The store on a server, which may be down now.
   *
   * @throws IllegalStateException when the server answers and its schema cannot be laid
   */
  static SqlDatabase connect(SqlStoreSettings settings) {
    SqlDatabase database = new SqlDatabase(settings);
    try {
      database.migrate();
    } catch (StoreUnavailableException down) {
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
      Files.createDirectories(directory);
    } catch (java.io.IOException unwritable) {
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
        return database;
      } catch (RuntimeException broken) {
        database.close();
        throw broken;
      }
    } catch (SQLException | RuntimeException broken) {
      throw new IllegalStateException(
          "data directory "
              + directory
              + (isLocked(broken)
                  ? " is in use by another process"
                  : " holds no usable database: " + broken.getMessage()),
          broken);
    }
  }

  private static boolean isLocked(@org.jspecify.annotations.Nullable Throwable thrown) {
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
    config.setJdbcUrl(settings.jdbcUrl());
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

  <T> T run(Work<T> work) {
    migrate();
    try (Connection connection = pool.getConnection()) {
      return work.with(connection);
    } catch (SQLException failed) {
      reopenIfEmbedded(failed);
      throw unavailable(failed);
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

  @Override
  public void close() {
    pool.close();
  }

  @FunctionalInterface
  interface Work<T> {
    T with(Connection connection) throws SQLException;
  }
}
