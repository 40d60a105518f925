import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.net.InetSocketAddress;

/**
 * Temporal's time-skipping test server, listening on the loopback only: its own main class listens on every address of
 * the machine and takes no setting for that. Argument: the port.
 */
public final class LoopbackTestServer {
  /** As in the original: time passes as on the clock until a client unlocks skipping. */
  private static final boolean LOCK_TIME_SKIPPING = true;

  public static void main(String[] args) throws Exception {
    TestServicesStarter services = new TestServicesStarter(LOCK_TIME_SKIPPING, 0);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
    GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
    Server server = builder.build().start();
    server.awaitTermination();
  }
}
