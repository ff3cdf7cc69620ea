package org.linescribe.api;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.MediaPorts;
import org.linescribe.session.mediaports.OpenMediaPorts;
import org.springframework.context.annotation.Bean;

/** A line that has a port for every leg, and receives nothing. */
public final class FakeMediaPorts implements MediaPorts {
  public static final FakeMediaPorts LINE = new FakeMediaPorts();

  private final Map<SessionId, MediaPortRequest> open = new ConcurrentHashMap<>();
  private final Map<SessionId, Runnable> ends = new ConcurrentHashMap<>();
  private volatile @Nullable SessionRefusedException refusal;

  /** Brings it to a server. */
  public static class Line {
    @Bean
    MediaPorts mediaPorts() {
      return LINE;
    }
  }

  /**
   * @param how null: no more
   */
  public void refuse(@Nullable SessionRefusedException how) {
    refusal = how;
  }

  public MediaPortRequest request(SessionId sessionId) {
    return Optional.ofNullable(open.get(sessionId)).orElseThrow();
  }

  /** The ports are closed by themselves. */
  public void end(SessionId sessionId) {
    open.remove(sessionId);
    Optional.ofNullable(ends.remove(sessionId)).orElseThrow().run();
  }

  @Override
  public OpenMediaPorts open(MediaPortRequest request, Runnable onEnd)
      throws SessionRefusedException {
    if (refusal != null) {
      throw refusal;
    }
    open.put(request.sessionId(), request);
    ends.put(request.sessionId(), onEnd);
    return opened(request);
  }

  private static OpenMediaPorts opened(MediaPortRequest request) {
    return new OpenMediaPorts(
        request,
        false,
        request.legs().stream()
            .map(leg -> new OpenMediaPorts.Port(leg, "2001:db8::1", 20_000, 7))
            .toList());
  }

  @Override
  public Optional<OpenMediaPorts> find(SessionId sessionId) {
    return Optional.ofNullable(open.get(sessionId)).map(FakeMediaPorts::opened);
  }

  @Override
  public boolean close(SessionId sessionId) {
    return open.remove(sessionId) != null;
  }
}
