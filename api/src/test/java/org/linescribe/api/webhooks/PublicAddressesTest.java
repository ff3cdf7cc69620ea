package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.DefaultEventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where webhooks go only when a setting lets them. */
class PublicAddressesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::1",
        "100::1"
      })
  void keepsWhatIsNotPublicOut(String address) throws Exception {
    assertThat(PublicAddresses.isPublic(InetAddress.getByName(address))).isFalse();
    assertThat(PublicAddresses.mayBePublic(address.contains(":") ? "[" + address + "]" : address))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "2002:101:101::1"
      })
  void letsWhatIsPublicThrough(String address) throws Exception {
    assertThat(PublicAddresses.isPublic(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST", "a.localhost"})
  void knowsTheNamesOfThisMachine(String name) {
    assertThat(PublicAddresses.mayBePublic(name)).isFalse();
  }

  /** A name that leads to this machine is found out when it is resolved. */
  @Test
  void leavesOutWhatANameResolvesToWhereItIsNotPublic() {
    DefaultEventLoop loop = new DefaultEventLoop();
    try (PublicAddresses addresses = new PublicAddresses()) {
      assertThatThrownBy(
              () ->
                  addresses
                      .getResolver(loop)
                      .resolve(InetSocketAddress.createUnresolved("localhost", 80))
                      .sync())
          .isInstanceOf(UnknownHostException.class)
          .hasMessageContaining("no public address");
    } finally {
      loop.shutdownGracefully();
    }
  }
}
