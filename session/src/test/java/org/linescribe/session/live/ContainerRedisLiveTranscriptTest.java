package org.linescribe.session.live;

import org.linescribe.session.servers.ContainerRedis;
import org.linescribe.session.servers.TestRedis;

class ContainerRedisLiveTranscriptTest extends RedisLiveTranscriptTest {
  @Override
  TestRedis server() {
    return new ContainerRedis();
  }
}
