package org.linescribe.session.lease;

import org.linescribe.session.ContainerRedis;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.servers.TestRedis;

@NeedsTool(Tool.DOCKER)
class ContainerRedisSourceLeaseTest extends RedisSourceLeaseTest {
  @Override
  TestRedis server() {
    return new ContainerRedis();
  }
}
