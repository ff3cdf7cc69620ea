package org.linescribe.api.socketio;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.linescribe.api.audio.WavDownload;
import org.linescribe.api.http.BlockingCalls;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.api.http.Viewer;
import org.linescribe.session.SessionId;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Serves {@code /static/audio/ID.wav}.
 *
 * <p>Thread: the event loop; files are looked at on virtual threads.
 */
record AudioFiles(Recordings recordings, BlockingCalls blocking) {
  private static final String SUFFIX = ".wav";

  Mono<ServerResponse> serve(ServerRequest request) {
    String name = request.pathVariable("name");
    if (!name.endsWith(SUFFIX)) {
      throw notFound();
    }
    String id = name.substring(0, name.length() - SUFFIX.length());
    if (!SessionId.isValid(id)) {
      throw notFound();
    }
    Viewer viewer = Viewer.of(request.attributes());
    return blocking
        .call(
            () -> {
              if (!viewer.sees(recordings.owner(id))) {
                throw notFound();
              }
              return find(id);
            })
        .flatMap(file -> file.serve(request));
  }

  private WavDownload find(String id) throws IOException {
    try {
      return new WavDownload(recordings.audio(id), blocking);
    } catch (NoSuchFileException none) {
      throw notFound();
    }
  }

  private static RefusedRequestException notFound() {
    return RefusedRequestException.notFound("Audio not found");
  }
}
