package org.linescribe.session.lease;

import org.linescribe.session.servers.ContainerRedis;
import org.linescribe.session.servers.TestRedis;

class ContainerRedisSourceLeaseTest extends RedisSourceLeaseTest {
  @Override
  TestRedis server() {
    return new ContainerRedis();
  }
}
