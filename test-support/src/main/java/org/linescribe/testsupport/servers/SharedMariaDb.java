package org.linescribe.testsupport.servers;

import ch.vorburger.exec.ManagedProcessException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** One MariaDB server for all tests of this JVM, on loopback; each test gets a database. */
public final class SharedMariaDb {
  private static final int PORT_TRIES = 3;
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final MariaDbRun SERVER = start();

  private SharedMariaDb() {}

  private static MariaDbRun start() {
    try {
      MariaDbRun running = started(MariaDbRun.prepare());
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(running), "mariadb-end"));
      return running;
    } catch (IOException failed) {
      throw new UncheckedIOException("MariaDB does not start", failed);
    }
  }

  /** MariaDB takes no port 0, and somebody else may have been given the one that was free. */
  private static MariaDbRun started(MariaDbRun prepared) throws IOException {
    MariaDbRun run = prepared;
    for (int i = 1; ; i++) {
      try {
        run.db().start();
        return run;
      } catch (ManagedProcessException refused) {
        if (i == PORT_TRIES) {
          throw refused;
        }
        run = run.again();
      }
    }
  }

  private static void end(MariaDbRun run) {
    try {
      run.db().stop();
      run.delete();
    } catch (IOException undeleted) {
      System.err.println("MariaDB's files stay in " + run.folder() + ": " + undeleted);
    }
  }

  public static int port() {
    return SERVER.db().getConfiguration().getPort();
  }

  /** A new, empty database; returns its name. */
  public static String newDatabase() {
    String name = "test" + DATABASES.incrementAndGet();
    try {
      SERVER.db().createDB(name, "root", "");
      return name;
    } catch (ManagedProcessException failed) {
      throw new IllegalStateException("MariaDB makes no database", failed);
    }
  }

  /** The address of a database by way of a port, MariaDB's own or a proxy's. */
  public static String url(int port, String database) {
    return "jdbc:mysql://127.0.0.1:" + port + "/" + database;
  }
}
