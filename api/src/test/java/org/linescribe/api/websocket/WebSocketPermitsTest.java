package org.linescribe.api.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.linescribe.api.http.ApiSettings;
import org.linescribe.api.http.Caller;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.Connection;
import reactor.netty.http.websocket.WebsocketInbound;

/** What a client that is gone before it is served has taken. */
class WebSocketPermitsTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final WebSocketEndpoints endpoints =
      new WebSocketEndpoints(
          new Binder(new MapConfigurationPropertySource(Map.of()))
              .bindOrCreate("linescribe.api", ApiSettings.class),
          meters);
  private final AtomicInteger permitsOfCaller = new AtomicInteger();

  private final class CountedCaller implements Caller {
    @Override
    public String getName() {
      return "app";
    }

    @Override
    public boolean seesAll() {
      return false;
    }

    @Override
    public boolean enter() {
      permitsOfCaller.incrementAndGet();
      return true;
    }

    @Override
    public void leave() {
      permitsOfCaller.decrementAndGet();
    }
  }

  /** Its pipeline is torn down already, so that no handler can be added. */
  private static final class TornDown implements Connection {
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @Override
    public Channel channel() {
      return channel;
    }

    @Override
    public Connection addHandlerLast(String name, ChannelHandler handler) {
      throw new IllegalStateException("the channel is closed");
    }
  }

  private static final class Inbound implements WebsocketInbound {
    @Override
    public @Nullable String selectedSubprotocol() {
      return null;
    }

    @Override
    public HttpHeaders headers() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Mono<WebSocketCloseStatus> receiveCloseStatus() {
      return Mono.never();
    }

    @Override
    public WebsocketInbound withConnection(Consumer<? super Connection> taker) {
      taker.accept(new TornDown());
      return this;
    }

    @Override
    public ByteBufFlux receive() {
      return ByteBufFlux.fromInbound(Flux.never());
    }

    @Override
    public Flux<?> receiveObject() {
      return Flux.never();
    }
  }

  @Test
  void aClientThatCannotBeServedGivesItsPermitsBack() {
    endpoints.start();
    WebSocketEndpoints.Opened route =
        endpoints
        .new Opened(new WebSocketRoute("/ws/x/{session_id}", _ -> WebSocketReceiver.DISCARDING));

    assertThatThrownBy(
            () ->
                route.serve(
                    MockServerHttpRequest.get("/ws/x/one").build(),
                    new CountedCaller(),
                    new Inbound()))
        .hasMessage("the channel is closed");

    assertThat(meters.get("linescribe.api.websocket.open").gauge().value()).isZero();
    assertThat(permitsOfCaller).hasValue(0);
  }
}
