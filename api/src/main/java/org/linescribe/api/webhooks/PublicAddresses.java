package org.linescribe.api.webhooks;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps webhooks from addresses that only this machine or its network reaches (server-side request
 * forgery). The address that was checked is the one that is connected to, so that a name whose
 * answer changes in between gains nothing.
 *
 * <p>Source: RFC 6890 (special-purpose addresses), RFC 6598, RFC 4193, RFC 6052.
 */
final class PublicAddresses extends AddressResolverGroup<InetSocketAddress> {

  /** Whether a host in a URL is a name, or an address that everybody can reach. */
  static boolean mayBePublic(String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    byte[] address = NetUtil.createByteArrayFromIpAddressString(bare);
    if (address == null) {
      return !bare.equalsIgnoreCase("localhost") && !bare.toLowerCase().endsWith(".localhost");
    }
    try {
      return isPublic(InetAddress.getByAddress(address));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  private static boolean isPublic4(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    int third = bytes[2] & 0xff;
    boolean thisNetwork = first == 0;
    boolean carrierNat = first == 100 && second >= 64 && second < 128;
    boolean protocols = first == 192 && second == 0 && (third == 0 || third == 2);
    boolean benchmark = first == 198 && (second == 18 || second == 19);
    boolean documentation =
        first == 198 && second == 51 && third == 100 || first == 203 && second == 0 && third == 113;
    boolean reserved = first >= 240;
    return !(thisNetwork || carrierNat || protocols || benchmark || documentation || reserved);
  }

  /** Global unicast only; what embeds an IPv4 address counts as that address. */
  private static boolean isPublic6(byte[] bytes) {
    boolean nat64 = startsWith(bytes, 0x00, 0x64, 0xff, 0x9b);
    boolean mapped = startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    boolean sixToFour = startsWith(bytes, 0x20, 0x02);
    if (nat64 || mapped) {
      return isEmbeddedPublic(Arrays.copyOfRange(bytes, 12, 16));
    }
    if (sixToFour) {
      return isEmbeddedPublic(Arrays.copyOfRange(bytes, 2, 6));
    }
    boolean global = (bytes[0] & 0xe0) == 0x20;
    boolean documentation = startsWith(bytes, 0x20, 0x01, 0x0d, 0xb8);
    boolean teredo = startsWith(bytes, 0x20, 0x01, 0, 0);
    return global && !documentation && !teredo;
  }

  private static boolean isEmbeddedPublic(byte[] ipv4) {
    try {
      return isPublic(InetAddress.getByAddress(ipv4));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    AddressResolver<InetSocketAddress> all =
        DefaultAddressResolverGroup.INSTANCE.getResolver(executor);
    return new InetSocketAddressResolver(executor, new Checked(executor, all));
  }

  /** Resolves by the JDK and leaves out what is not public. */
  private static final class Checked extends InetNameResolver {
    private final AddressResolver<InetSocketAddress> all;

    Checked(EventExecutor executor, AddressResolver<InetSocketAddress> all) {
      super(executor);
      this.all = all;
    }

    @Override
    protected void doResolve(String host, Promise<InetAddress> promise) {
      Promise<List<InetAddress>> found = executor().newPromise();
      found.addListener(
          _ -> {
            if (found.isSuccess()) {
              promise.setSuccess(found.getNow().getFirst());
            } else {
              promise.setFailure(found.cause());
            }
          });
      doResolveAll(host, found);
    }

    @Override
    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
      all.resolveAll(InetSocketAddress.createUnresolved(host, 0))
          .addListener(
              future -> {
                if (!future.isSuccess()) {
                  promise.setFailure(future.cause());
                  return;
                }
                List<InetAddress> allowed = new ArrayList<>();
                for (Object address : (List<?>) future.getNow()) {
                  InetAddress one = ((InetSocketAddress) address).getAddress();
                  if (isPublic(one)) {
                    allowed.add(one);
                  }
                }
                if (allowed.isEmpty()) {
                  promise.setFailure(
                      new UnknownHostException("has no public address (allow-private is off)"));
                } else {
                  promise.setSuccess(allowed);
                }
              });
    }
  }
}
