package org.linescribe.session.live;

import org.linescribe.session.ContainerRedis;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.servers.TestRedis;

@NeedsTool(Tool.DOCKER)
class ContainerRedisLiveTranscriptTest extends RedisLiveTranscriptTest {
  @Override
  TestRedis server() {
    return new ContainerRedis();
  }
}
