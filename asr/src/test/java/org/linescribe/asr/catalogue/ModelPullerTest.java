package org.linescribe.asr.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.linescribe.asr.catalogue.ModelArchives.bundled;
import static org.linescribe.asr.catalogue.ModelArchives.pack;
import static org.linescribe.asr.catalogue.ModelArchives.packWith;
import static org.linescribe.asr.catalogue.ModelArchives.packWithLink;
import static org.linescribe.asr.catalogue.ModelArchives.soundEntries;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.resources.Sha256;

class ModelPullerTest {
  private static final ModelPuller.Progress SILENT = (bytes, total) -> {};

  @TempDir private Path data;
  private ArchiveServer server;
  private ModelStore store;
  private ModelPuller puller;

  @BeforeEach
  void serve() throws IOException {
    server = new ArchiveServer(pack(soundEntries()));
    store = new ModelStore(data);
    puller = new ModelPuller(store);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void installsAnArchiveWhoseHashFits() throws IOException {
    List<Long> progress = new CopyOnWriteArrayList<>();

    Path installed = puller.pull(model(), sha256(), (bytes, total) -> progress.add(bytes));

    assertThat(installed).isEqualTo(data.resolve("models/test-model"));
    assertThat(installed.resolve("encoder.int8.onnx"))
        .hasSameBinaryContentAs(bundled("encoder.int8.onnx"));
    assertThat(progress).isSorted().last().isEqualTo((long) server.archive.length);
    assertThat(store.verify(model(), installed))
        .extracting(ModelStore.Verdict::state)
        .containsOnly(ModelStore.Verdict.State.SOUND);
    assertThat(downloads()).isEmpty();
  }

  @Test
  void refusesAnArchiveThatNobodyVouchesFor() {
    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.Known(), SILENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("--trust-on-first-use");
    assertThat(server.ranges).isEmpty();
  }

  @Test
  void holdsLaterDownloadsToTheFirstOneThatWasTrusted() throws IOException {
    puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT);
    puller.pull(model(), new ModelPuller.Trust.Known(), SILENT);
    Map<String, byte[]> other = soundEntries();
    other.put("test-model/README.md", "changed".getBytes(StandardCharsets.UTF_8));
    server.archive = pack(other);

    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("expected:");
    assertThat(store.find("test-model")).isPresent();
  }

  @Test
  void continuesADownloadThatWasCutOff() throws IOException {
    server.cutAfter = 100_000;
    assertThatThrownBy(() -> puller.pull(model(), sha256(), SILENT))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ModelException.class)
        .hasMessageContaining("cut off");
    assertThat(store.find("test-model")).isEmpty();
    long kept = Files.size(downloads().getFirst());
    assertThat(kept).isPositive().isLessThanOrEqualTo(100_000);
    server.cutAfter = Integer.MAX_VALUE;

    puller.pull(model(), sha256(), SILENT);

    assertThat(server.ranges).containsExactly("", "bytes=" + kept + "-");
    assertThat(store.find("test-model")).isPresent();
  }

  @Test
  void startsAgainWhenTheArchiveChangedMeanwhile() throws IOException {
    server.cutAfter = 100_000;
    assertThatThrownBy(() -> puller.pull(model(), sha256(), SILENT))
        .hasMessageContaining("cut off");
    server.cutAfter = Integer.MAX_VALUE;
    Map<String, byte[]> other = soundEntries();
    other.put("test-model/README.md", "changed".getBytes(StandardCharsets.UTF_8));
    server.archive = pack(other);

    puller.pull(model(), sha256(), SILENT);

    assertThat(data.resolve("models/test-model/README.md")).hasContent("changed");
  }

  @Test
  void givesUpADownloadThatStallsAndContinuesItLater() throws IOException {
    server.cutAfter = 100_000;
    server.stalls = true;

    AtomicLong nowNs = new AtomicLong();
    ModelPuller.Progress timePassesAtTheStall =
        (bytes, total) -> nowNs.set(bytes < server.cutAfter ? 0 : ModelPuller.STALL.toNanos());

    assertThatThrownBy(
            () -> new ModelPuller(store, nowNs::get).pull(model(), sha256(), timePassesAtTheStall))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ModelException.class)
        .hasMessageContaining("nothing came for")
        .hasMessageContaining("pull again to continue");
    long kept = Files.size(downloads().getFirst());
    assertThat(kept).isEqualTo(server.cutAfter);
    server.goOn.countDown();
    server.stalls = false;
    server.cutAfter = Integer.MAX_VALUE;

    puller.pull(model(), sha256(), SILENT);

    assertThat(store.find("test-model")).isPresent();
    assertThat(server.ranges).last().isEqualTo("bytes=" + kept + "-");
  }

  @Test
  void discardsAlteredBytes() {
    ModelPuller.Trust trust = sha256();
    server.archive = server.archive.clone();
    server.archive[server.archive.length / 2] ^= 1;

    assertThatThrownBy(() -> puller.pull(model(), trust, SILENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("sha256");
    assertThat(store.find("test-model")).isEmpty();
    assertThat(downloads()).isEmpty();
  }

  @Test
  void refusesATruncatedArchiveEvenOnFirstUse() {
    server.archive = Arrays.copyOf(server.archive, server.archive.length / 2);

    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("broken archive");
    assertThat(store.find("test-model")).isEmpty();
  }

  @Test
  void refusesAnEntryThatLeadsOutOfItsFolder() throws IOException {
    for (String name :
        List.of(
            "../evil.txt", "test-model/../../evil.txt", "/evil.txt", "test-model/..\\..\\evil")) {
      Map<String, byte[]> entries = soundEntries();
      entries.put(name, "evil".getBytes(StandardCharsets.UTF_8));
      server.archive = pack(entries);

      assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
          .as(name)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("leads out of its folder");
    }
    assertThat(store.find("test-model")).isEmpty();
    try (Stream<Path> all = Files.walk(data)) {
      assertThat(all.map(Path::getFileName).map(Path::toString)).noneMatch(n -> n.contains("evil"));
    }
  }

  @Test
  void refusesALinkInTheArchive() throws IOException {
    server.archive = packWithLink();

    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("neither a file nor a folder");
  }

  @ParameterizedTest
  @ValueSource(bytes = {TarConstants.LF_FIFO, TarConstants.LF_CHR, TarConstants.LF_BLK, 'S'})
  void refusesDevicesPipesAndSparseFilesInTheArchive(byte kind) throws IOException {
    server.archive = packWith(new TarArchiveEntry("test-model/odd", kind));

    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("neither a file nor a folder");
  }

  @Test
  void aFullDiskIsNotTheArchivesFault(@TempDir Path into) throws IOException {
    Path packed = Files.write(data.resolve("model.tar.bz2"), server.archive);
    Files.createSymbolicLink(into.resolve("decoder.onnx"), Path.of("/dev/full"));

    assertThatThrownBy(() -> ModelArchive.unpack(packed, into, 1L << 30))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ModelException.class)
        .hasMessageContaining("decoder.onnx")
        .hasMessageContaining("No space left on device");
  }

  @Test
  void doesNotFetchAgainWhatCameWholeAndCouldNotBeInstalled() throws IOException {
    Path lock = data.resolve("models/lock.properties");
    ModelPuller.Progress lockIsUnreadableInTheEnd =
        (bytes, total) -> {
          if (bytes == server.archive.length) {
            assertThat(lock.toFile().mkdir()).isTrue();
          }
        };
    assertThatThrownBy(() -> puller.pull(model(), sha256(), lockIsUnreadableInTheEnd))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ModelException.class);
    Files.delete(lock);

    puller.pull(model(), sha256(), SILENT);

    assertThat(server.ranges).containsExactly("", "bytes=" + server.archive.length + "-");
    assertThat(store.find("test-model")).isPresent();
    try (Stream<Path> left = Files.list(data.resolve("models/.downloads"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void startsAgainWhenTheServerContinuesElsewhere() throws IOException {
    server.cutAfter = 100_000;
    assertThatThrownBy(() -> puller.pull(model(), sha256(), SILENT))
        .hasMessageContaining("cut off");
    server.cutAfter = Integer.MAX_VALUE;
    server.continuesElsewhere = true;
    assertThatThrownBy(() -> puller.pull(model(), sha256(), SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be continued; try again");

    puller.pull(model(), sha256(), SILENT);

    assertThat(store.find("test-model")).isPresent();
  }

  @Test
  void refusesAnArchiveWithAnUnsoundModel() throws IOException {
    Map<String, byte[]> entries = soundEntries();
    entries.put("test-model/tokens.txt", "<blk> 0\n".getBytes(StandardCharsets.UTF_8));
    server.archive = pack(entries);

    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokens.txt: 1 tokens (expected: at least the model's 13)");
    assertThat(store.find("test-model")).isEmpty();
  }

  @Test
  void reportsTheServersRefusal() {
    server.status = 404;

    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("HTTP 404");
  }

  @Test
  void namesTheUrlAndTheReasonWhenTheServerCannotBeReached() {
    server.close();

    assertThatThrownBy(() -> puller.pull(model(), new ModelPuller.Trust.FirstUse(), SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("http://")
        .hasMessageContaining("ConnectException");
  }

  @Test
  void tellsAlteredAndMissingFilesOfAnInstalledModel() throws IOException {
    Path installed = puller.pull(model(), sha256(), SILENT);
    Files.writeString(installed.resolve("decoder.onnx"), "x");
    Files.delete(installed.resolve("joiner.int8.onnx"));

    assertThat(store.verify(model(), installed))
        .contains(
            new ModelStore.Verdict("decoder.onnx", ModelStore.Verdict.State.ALTERED),
            new ModelStore.Verdict("joiner.int8.onnx", ModelStore.Verdict.State.MISSING),
            new ModelStore.Verdict("tokens.txt", ModelStore.Verdict.State.SOUND));
  }

  private ModelDescription model() {
    ModelDescription bundled = ModelCatalogue.bundled().require(BundledModel.NAME);
    Map<String, ModelDescription.ModelFile> files = new TreeMap<>();
    bundled
        .files()
        .forEach(
            (role, file) ->
                files.put(
                    role,
                    new ModelDescription.ModelFile(
                        file.name(), Optional.empty(), Optional.empty())));
    URI url = server.url();
    return new ModelDescription(
        "test-model",
        "en",
        List.of(),
        16_000,
        bundled.type(),
        files,
        Optional.of(new ModelDescription.Archive(url, Optional.empty())),
        false,
        2,
        "test",
        "test",
        bundled.endpointSilence(),
        bundled.decodingMethod());
  }

  private ModelPuller.Trust sha256() {
    return new ModelPuller.Trust.Sha256(
        HexFormat.of().formatHex(Sha256.digest().digest(server.archive)));
  }

  private List<Path> downloads() {
    try (Stream<Path> files = Files.list(data.resolve("models/.downloads"))) {
      return files.filter(f -> f.toString().endsWith(".part")).toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
