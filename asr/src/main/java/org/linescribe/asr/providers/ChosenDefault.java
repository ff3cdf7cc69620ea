package org.linescribe.asr.providers;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import org.linescribe.asr.RecogniserException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The default model that an operator chose while the program ran, kept in the data folder. It holds
 * at the next start as long as the settings name the model that they named when it was chosen: an
 * operator who changes the settings means them.
 *
 * <p>Thread: any; blocks.
 */
public final class ChosenDefault {
  private static final Logger LOG = LoggerFactory.getLogger(ChosenDefault.class);
  private static final String MODEL = "model";
  private static final String INSTEAD_OF = "instead-of";

  private final Providers providers;
  private final Path file;

  /**
   * @param data the data folder
   */
  public ChosenDefault(Providers providers, Path data) {
    this.providers = providers;
    this.file = data.resolve("default-model.properties");
  }

  /**
   * Makes a model the default, see {@link Providers#makeDefault}, and keeps the choice.
   *
   * @throws IOException when it cannot be kept; it is the default until the next start then
   */
  public synchronized void choose(String model) throws IOException {
    providers.makeDefault(model);
    Properties chosen = new Properties();
    chosen.setProperty(MODEL, model);
    chosen.setProperty(INSTEAD_OF, providers.configuredModel());
    Path fresh = file.resolveSibling(file.getFileName() + ".part");
    // Forced: after a crash of the machine the name would else be there, and nothing in the file.
    try (Writer writer =
        Files.newBufferedWriter(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            StandardOpenOption.SYNC)) {
      chosen.store(writer, "Chosen while the program ran; see docs/choose-a-model.md");
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Makes the model the default that was chosen before the last stop; logs why where it cannot. */
  public synchronized void restore() {
    Properties chosen = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        chosen.load(reader);
      } catch (IOException | IllegalArgumentException unreadable) {
        LOG.warn("{} cannot be read: the default model is that of the settings", file, unreadable);
        return;
      }
    }
    String model = chosen.getProperty(MODEL);
    String configured = providers.configuredModel();
    if (model == null) {
      return;
    }
    if (!configured.equals(chosen.getProperty(INSTEAD_OF))) {
      LOG.info("The settings name {} since {} was chosen as the default model", configured, model);
      forget();
      return;
    }
    if (model.equals(configured)) {
      return;
    }
    try {
      providers.makeDefault(model);
      LOG.info("The default model is {}, as chosen; the settings name {}", model, configured);
    } catch (IllegalArgumentException | RecogniserException notServed) {
      LOG.warn(
          "The default model is {}: {}, which was chosen, cannot be had: {}",
          configured,
          model,
          notServed.getMessage());
    }
  }

  /** The choice would else revive when the settings name the earlier model again. */
  private void forget() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} stays: {}", file, e.toString());
    }
  }
}
