package org.linescribe.asr.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.media.resources.TemporaryFolder;

/**
 * Where a worker listens: a socket in a folder of its own below the gateway's temporary folder. The
 * names are short, as a socket's address has 103 bytes on macOS, of which its folder for temporary
 * files takes 57.
 *
 * <p>Thread: any.
 */
public final class WorkerSocket {
  private static final String FOLDER = "w";
  private static final String SOCKET = "s";

  private WorkerSocket() {}

  /** A path that is still free, in a new folder that only this user enters. */
  static Path create() throws IOException {
    return TemporaryFolder.createDirectory(FOLDER).resolve(SOCKET);
  }

  /**
   * Deletes the socket, and the folder with all that lies in it where {@link #create} made it: a
   * worker started by hand has its socket beside what belongs to others.
   */
  public static void delete(Path socket) {
    try {
      Path folder = socket.toAbsolutePath().getParent();
      if (socket.endsWith(SOCKET) && folder != null && TemporaryFolder.isMade(folder, FOLDER)) {
        ResourceFiles.deleteTree(folder);
      } else {
        Files.deleteIfExists(socket);
      }
    } catch (IOException left) {
      // The next gateway deletes it.
    }
  }
}
