package io.tidemill.test.redis;

import io.tidemill.test.Waits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis Cluster for tests: masters without replicas, each a {@link RedisServer} of its own that tests may kill,
 * stop and restart, with the slots shared out evenly.
 *
 * <pre>{@code
 * try (RedisCluster cluster = RedisCluster.start()) {
 *     broker = RedisBroker.connect(cluster.uri());
 *     int slot = cluster.slot("{mail}");
 *     RedisCluster.SlotMove move = cluster.move(slot, (cluster.ownerOf(slot) + 1) % cluster.size());
 *     move.keys(1);
 *     move.finish();
 * }
 * }</pre>
 *
 * <p>Ends only the processes that it has started. Not thread-safe, except {@link #shared}.
 */
public final class RedisCluster implements AutoCloseable {

    /** How many slots a cluster has. */
    public static final int SLOTS = 16_384;

    private static final int DEFAULT_NODES = 3;
    /** A node's second port, for the other nodes, is this much higher. */
    private static final int BUS_OFFSET = 10_000;
    /** Below what systems hand out by themselves, so that no client's own port is in the way; also the second one. */
    private static final int FIRST_PORT = 11_000;

    private static final int LAST_PORT = 22_000;
    private static final int PORT_ATTEMPTS = 100;
    private static final int START_ATTEMPTS = 5;
    private static final String MIGRATE_TIMEOUT_MILLIS = "5000";

    private final List<RedisServer> nodes;
    private final List<String> ids = new ArrayList<>();
    private boolean isShared;

    private RedisCluster(List<RedisServer> nodes) {
        this.nodes = nodes;
    }

    /** Three nodes without persistence. */
    public static RedisCluster start() {
        return start(DEFAULT_NODES);
    }

    /**
     * Nodes that have met and that all say that the cluster is well.
     *
     * @param extraArguments more arguments for each node, as on the command line
     */
    public static RedisCluster start(int nodes, String... extraArguments) {
        RedisCluster cluster = new RedisCluster(new ArrayList<>());
        try {
            for (int i = 0; i < nodes; i++) {
                cluster.nodes.add(startNode(extraArguments));
            }
            cluster.join();
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** Three nodes that all tests of this JVM share; they end with it. {@link #close} does nothing; kill none. */
    public static RedisCluster shared() {
        return Shared.CLUSTER;
    }

    /** How many nodes it was started with. */
    public int size() {
        return nodes.size();
    }

    /** One node; the first is 0. */
    public RedisServer node(int index) {
        return nodes.get(index);
    }

    /** Where the first node listens. */
    public String uri() {
        return nodes.get(0).uri();
    }

    /** Where each node listens. */
    public List<String> uris() {
        return nodes.stream().map(RedisServer::uri).toList();
    }

    /** The slot of a key: of the part between its first braces, if it has any. */
    public int slot(String key) {
        return Math.toIntExact(number(0, "CLUSTER", "KEYSLOT", key));
    }

    /** Which node holds a slot, as the first node has heard. */
    public int ownerOf(int slot) {
        for (Object entry : list(0, "CLUSTER", "SLOTS")) {
            List<?> range = (List<?>) entry;
            if (slot >= (Long) range.get(0) && slot <= (Long) range.get(1)) {
                return ids.indexOf(text((byte[]) ((List<?>) range.get(2)).get(2)));
            }
        }
        throw new IllegalStateException("nobody holds slot " + slot);
    }

    /** How many keys of a slot are on a node. */
    public long keysIn(int slot, int node) {
        return number(node, "CLUSTER", "COUNTKEYSINSLOT", Integer.toString(slot));
    }

    /** How many keys are on a node. */
    public long keysOn(int node) {
        return number(node, "DBSIZE");
    }

    /**
     * Begins to move a slot to another node, as an operator's tool does. Until {@link SlotMove#finish} its keys are at
     * both nodes, and the nodes refuse commands on several keys that are not all at one of them.
     */
    public SlotMove move(int slot, int target) {
        int source = ownerOf(slot);
        if (source == target) {
            throw new IllegalArgumentException("slot " + slot + " is on node " + target + " already");
        }
        call(target, "CLUSTER", "SETSLOT", Integer.toString(slot), "IMPORTING", ids.get(source));
        call(source, "CLUSTER", "SETSLOT", Integer.toString(slot), "MIGRATING", ids.get(target));
        return new SlotMove(slot, source, target);
    }

    /** Moves a slot with all its keys. */
    public void moveSlot(int slot, int target) {
        move(slot, target).finish();
    }

    /**
     * Sends one command to one node.
     *
     * @return text as bytes, numbers as {@link Long}, lists, or null
     * @throws IllegalStateException if the node refuses it
     */
    public @Nullable Object call(int node, Object... command) {
        try (Resp resp = Resp.connect(nodes.get(node).port())) {
            return resp.call(command);
        } catch (IOException e) {
            throw new UncheckedIOException("node " + node + " did not answer", e);
        }
    }

    /** Waits until every node says that the cluster is well: after a node was restarted, say. */
    public void awaitOk() {
        Waits.until("all " + nodes.size() + " nodes say that the cluster is well", this::isOk);
    }

    /** Ends all nodes. */
    @Override
    public void close() {
        if (!isShared) {
            nodes.forEach(RedisServer::close);
        }
    }

    /** A slot on its way to another node. Not thread-safe. */
    public final class SlotMove {

        private final String slot;
        private final int source;
        private final int target;

        private SlotMove(int slot, int source, int target) {
            this.slot = Integer.toString(slot);
            this.source = source;
            this.target = target;
        }

        /** Moves some keys, one by one. Returns how many there were; 0 when all have been moved. */
        public int keys(int limit) {
            List<?> keys = list(source, "CLUSTER", "GETKEYSINSLOT", slot, Integer.toString(limit));
            for (Object key : keys) {
                call(
                        source,
                        "MIGRATE",
                        "127.0.0.1",
                        Integer.toString(nodes.get(target).port()),
                        key,
                        "0",
                        MIGRATE_TIMEOUT_MILLIS);
            }
            return keys.size();
        }

        /** Moves the keys that are left, and tells all nodes who holds the slot now. */
        public void finish() {
            int moved;
            do {
                moved = keys(100);
            } while (moved > 0);
            assign(target);
            assign(source);
            for (int i = 0; i < nodes.size(); i++) {
                if (i != source && i != target) {
                    assign(i);
                }
            }
        }

        private void assign(int node) {
            call(node, "CLUSTER", "SETSLOT", slot, "NODE", ids.get(target));
        }
    }

    private static RedisServer startNode(String... extraArguments) {
        List<String> arguments = new ArrayList<>(List.of("--cluster-enabled", "yes"));
        arguments.addAll(List.of(extraArguments));
        for (int attempt = 1; ; attempt++) {
            try {
                return RedisServer.startAt(freePort(), arguments.toArray(String[]::new));
            } catch (UncheckedIOException e) {
                // Somebody else may have taken one of the two ports meanwhile.
                if (attempt == START_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static int freePort() {
        for (int i = 0; i < PORT_ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            if (isFree(port) && isFree(port + BUS_OFFSET)) {
                return port;
            }
        }
        throw new IllegalStateException("no two free ports " + BUS_OFFSET + " apart were found");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private void join() {
        for (int i = 0; i < nodes.size(); i++) {
            ids.add(text(i, "CLUSTER", "MYID"));
            call(i, "CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            List<Object> addSlots = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
            for (int slot = SLOTS * i / nodes.size(); slot < SLOTS * (i + 1) / nodes.size(); slot++) {
                addSlots.add(Integer.toString(slot));
            }
            call(i, addSlots.toArray());
        }
        for (int i = 1; i < nodes.size(); i++) {
            call(
                    0,
                    "CLUSTER",
                    "MEET",
                    "127.0.0.1",
                    Integer.toString(nodes.get(i).port()));
        }
        awaitOk();
    }

    private boolean isOk() {
        Map<String, String> wanted = Map.of(
                "cluster_state", "ok",
                "cluster_slots_ok", Integer.toString(SLOTS),
                "cluster_known_nodes", Integer.toString(nodes.size()));
        for (int i = 0; i < nodes.size(); i++) {
            List<String> said = text(i, "CLUSTER", "INFO").lines().toList();
            if (!wanted.entrySet().stream().allMatch(e -> said.contains(e.getKey() + ":" + e.getValue()))) {
                return false;
            }
        }
        return true;
    }

    private long number(int node, Object... command) {
        return (Long) Objects.requireNonNull(call(node, command));
    }

    private List<?> list(int node, Object... command) {
        return (List<?>) Objects.requireNonNull(call(node, command));
    }

    private String text(int node, Object... command) {
        return text((byte[]) Objects.requireNonNull(call(node, command)));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Made when first asked for; its servers end with the JVM. */
    private static final class Shared {

        static final RedisCluster CLUSTER = make();

        private static RedisCluster make() {
            RedisCluster cluster = start();
            cluster.isShared = true;
            return cluster;
        }
    }
}
