package io.tidemill.redis.keys;

import io.tidemill.text.Names;
import java.nio.charset.StandardCharsets;

/**
 * The keys of one queue. No other class spells a key name; {@code lua/lib/keys.lua} spells those again that scripts
 * compute from data, and a test compares the two.
 *
 * <p>All keys of a queue begin with {@code <prefix>:{<queue>}:}. The braces make the queue's name the hash tag, so in a
 * cluster they are all in one slot and one script can use them. Nothing expires unless said.
 *
 * <p>Ids, groups and unique keys are given as {@link WireText} writes them, one character per byte.
 *
 * <p>Long, because it names every key of a queue, and says what is in it.
 *
 * <p>Immutable; the arrays are shared and must not be changed.
 */
public final class Keyspace {

    private final String queue;
    private final String base;
    /** As {@link #base}, of channels: these reach over all databases of a server, so they carry its number. */
    private final String channels;

    private final byte[] leases;
    private final byte[] ready;
    private final byte[] levels;
    private final byte[] delayed;
    private final byte[] waiting;
    private final byte[] dropped;
    private final byte[] awaited;
    private final byte[] cancels;
    private final byte[] dead;
    private final byte[] counts;
    private final byte[] paused;
    private final byte[] expiring;
    private final byte[] turns;
    private final byte[] parked;
    private final byte[] limits;
    private final byte[] schedules;
    private final byte[] plans;
    private final byte[] jobBase;

    /**
     * The keys of a queue.
     *
     * @throws IllegalArgumentException if the prefix or the queue is not a name
     */
    public Keyspace(String prefix, String queue) {
        this(prefix, queue, 0);
    }

    /**
     * The keys and channels of a queue in a database other than the first.
     *
     * @throws IllegalArgumentException if the prefix or the queue is not a name
     */
    public Keyspace(String prefix, String queue, int database) {
        this.queue = Names.check("queue name", queue);
        base = Names.check("key prefix", prefix) + ":{" + queue + "}:";
        channels = database == 0 ? base : base + "db" + database + ":";
        leases = key("leases");
        ready = key("ready");
        levels = key("levels");
        delayed = key("delayed");
        waiting = key("waiting");
        dropped = key("dropped");
        awaited = key("awaited");
        cancels = key("cancels");
        dead = key("dead");
        counts = key("counts");
        paused = key("paused");
        expiring = key("expiring");
        turns = key("turns");
        parked = key("parked");
        limits = key("limits");
        schedules = key("schedules");
        plans = key("plans");
        jobBase = key("job:");
    }

    /** The queue's name. */
    public String queue() {
        return queue;
    }

    /** ZSET; members: tokens of leases; score: when each ends, ms. A token goes with its last job. */
    public byte[] leases() {
        return leases;
    }

    /**
     * SET; members: ids of the jobs held under one lease. Together with {@link #leases} it is the active state: there
     * is no other record of who holds what.
     */
    public byte[] lease(String token) {
        return key("lease:" + token);
    }

    /** LIST; ids of the ready jobs of the default priority, first to run first. */
    public byte[] ready() {
        return ready;
    }

    /** LIST; as {@link #ready}, for another priority. */
    public byte[] level(int priority) {
        return key("ready:" + priority);
    }

    /** ZSET; members: the other priorities that have ready jobs; score: minus the priority. */
    public byte[] levels() {
        return levels;
    }

    /** ZSET; members: ids of jobs that are not due; score: when they are, ms. */
    public byte[] delayed() {
        return delayed;
    }

    /** ZSET; members: ids of jobs that were given up; score: when, ms. Their records stay. */
    public byte[] dead() {
        return dead;
    }

    /**
     * STRING; the job's record: a head of fixed width, the body, and the last failure. Gone when the job has ended
     * well.
     */
    public byte[] job(String id) {
        byte[] key = new byte[jobBase.length + id.length()];
        System.arraycopy(jobBase, 0, key, 0, jobBase.length);
        for (int i = 0; i < id.length(); i++) {
            key[jobBase.length + i] = (byte) id.charAt(i);
        }
        return key;
    }

    /**
     * STRING. In a broker: 'S' and the bytes of a kept result, 'C' for a cancelled job, 'X' for an expired one. In a
     * result backend: 'S' and the bytes of a result, 's' for a job that succeeded without one, 'D', the attempt, ':'
     * and the failure for a dead one, 'c' for a cancelled one, 'e' for an expired one. Expires.
     */
    public byte[] result(String id) {
        return key("result:" + id);
    }

    /** ZSET; ids of jobs that succeeded and are kept; score: until when, ms. Expires with the last of them. */
    public byte[] kept() {
        return key("kept");
    }

    /** STRING; the record of a job that is kept, and 32 digits: when it finished and started. Expires. */
    public byte[] kept(String id) {
        return key("kept:" + id);
    }

    /**
     * STRING; how often a job of a newer layout was left to workers of a newer version. Expires a day after the last.
     */
    public byte[] unread(String id) {
        return key("unread:" + id);
    }

    /**
     * STRING; how far a job has got: when the job was created, ms, a space, the number of the report, a line feed, and
     * what was reported. Expires.
     */
    public byte[] progress(String id) {
        return key("progress:" + id);
    }

    /** STRING; that an awaited job succeeded with nothing kept. Expires after a minute. */
    public byte[] told(String id) {
        return key("told:" + id);
    }

    /**
     * HASH; accepted, succeeded, cancelled, expired, removed, lost, dead_total, redriven, trimmed: how many ever;
     * steps: how many of the accepted jobs belong to workflows; messages: how many were ever put into the outbox; era:
     * when these counts began, in microseconds.
     */
    public byte[] counts() {
        return counts;
    }

    /**
     * HASH; what happened in the last 24 hours and 30 days. Fields: 'm' and 0 to 24 for the hours of a day, 'h' and 0
     * to 30 for the days of a month. Values: the number of the hour or the day since 1970, then per period with
     * something in it a space, its number within, ':', and letters with numbers. Expires 31 days after the last that
     * was added.
     */
    public byte[] history() {
        return key("history");
    }

    /** ZSET; members: ids of jobs that must have started by a time; score: that time, ms. Gone once they have. */
    public byte[] expiring() {
        return expiring;
    }

    /** STRING; id of the job that holds a unique key. Expires only if it is held for a window. */
    public byte[] unique(String name) {
        return key("unique:" + name);
    }

    /** LIST; groups with jobs that wait, in the order of their turns. */
    public byte[] turns() {
        return turns;
    }

    /**
     * ZSET; members: groups with jobs that wait and that a limit holds up; score: when a rate lets them go on, ms, or
     * infinity if one of their jobs has to end first. A group is either here or in {@link #turns}.
     */
    public byte[] parked() {
        return parked;
    }

    /** LIST; ids of the ready jobs of a group, first to run first. */
    public byte[] group(String name) {
        return key("group:" + name);
    }

    /** HASH; what limits the queue, each of its groups, or single groups. */
    public byte[] limits() {
        return limits;
    }

    /**
     * STRING; the mark of a change of limits after which groups that were held up are still to be looked at, as they
     * are many. Gone when all were.
     */
    public byte[] review() {
        return key("review");
    }

    /**
     * SET; members: ids of all active jobs, while the queue as a whole has a concurrency limit; in order also of
     * {@link #blocking} ones.
     */
    public byte[] holders() {
        return key("holders");
    }

    /** SET; members: ids of the active jobs of a group, in order also of {@link #blocking} ones. */
    public byte[] holders(String group) {
        return key("holders:" + group);
    }

    /** SET; members: ids of delayed jobs that none of their group or queue may overtake, as it runs in order. */
    public byte[] blocking() {
        return key("blocking");
    }

    /** STRING; the theoretical arrival time of the queue's rate, ms. Expires when it is past. */
    public byte[] gcra() {
        return key("gcra");
    }

    /** STRING; the theoretical arrival time of a group's rate, ms. Expires when it is past. */
    public byte[] gcra(String group) {
        return key("gcra:" + group);
    }

    /** STRING; there if a group's turn comes before the next job of default priority. Expires after an hour. */
    public byte[] turn() {
        return key("turn");
    }

    /**
     * ZSET; members: workers that came away from a claim with fewer jobs than they asked for, and so wait for more;
     * score: when, ms. Members go when they are woken, filled, closed, or an hour old; the key expires after an hour in
     * which no worker came.
     */
    public byte[] waiting() {
        return waiting;
    }

    /** SET; members: ids of jobs whose end is to be published, because somebody awaits them. */
    public byte[] awaited() {
        return awaited;
    }

    /** SET; members: ids of active jobs that somebody asked to cancel. */
    public byte[] cancels() {
        return cancels;
    }

    /**
     * SET; members: ids of jobs that were cancelled or deleted, or expired, while they were ready. They stay in their
     * list until claimed.
     */
    public byte[] dropped() {
        return dropped;
    }

    /** STRING; exists if a record of more than 8 KiB was stored since the queue was last empty. */
    public byte[] large() {
        return key("large");
    }

    /** SET; exists while the queue is paused; members: '' and workers whose claim found it paused. */
    public byte[] paused() {
        return paused;
    }

    /**
     * STRING; number of the last request of one kind that one broker object sent, and what its reply needs. Expires
     * after an hour.
     */
    public byte[] request(String broker, String kind) {
        return key("request:" + broker + ":" + kind);
    }

    /**
     * STRING; which claims of one worker have come, by their numbers: the highest, a space, and 48 bits for those just
     * below it. Expires an hour after the last of them.
     */
    public byte[] taken(String worker) {
        return key("taken:" + worker);
    }

    /** ZSET; members: workers that serve the queue; score: until when, ms. Expires with the last of them. */
    public byte[] workers() {
        return key("workers");
    }

    /** STRING; when a worker last described itself, ms, a space, and the description. Expires. */
    public byte[] worker(String worker) {
        return key("worker:" + worker);
    }

    /** ZSET; members: names of schedules; score: when each is brought to whoever fires it, ms; infinity for never. */
    public byte[] schedules() {
        return schedules;
    }

    /** HASH; by the name of a schedule its revision, when it fires (ms, -1 for never), and its content. */
    public byte[] plans() {
        return plans;
    }

    /** ZSET; members: ids of jobs that wait until their places are filled; score: when they were stored, ms. */
    public byte[] unfilled() {
        return key("unfilled");
    }

    /**
     * HASH; the places of a job that waits for others, or did: '#' how many there are, -1 if nobody has said it; by its
     * number from 0 what is in a place: 'v' and a value, or 's' for skipped.
     */
    public byte[] places(String id) {
        return key("places:" + id);
    }

    /** ZSET; members: messages for other queues and for workflows; score: the number that each begins with. */
    public byte[] outbox() {
        return key("outbox");
    }

    /**
     * ZSET; members: ids of workflows that were stopped in this queue; score: until when, ms. Expires with the last.
     */
    public byte[] stopped() {
        return key("stopped");
    }

    /**
     * ZSET; members: ids of the workflows whose home this queue is; score: minus the time until which their records are
     * kept, ms; minus infinity for those that have not ended.
     */
    public byte[] workflows() {
        return key("workflows");
    }

    /** HASH; by the id of a workflow the revision of its record, and its content. */
    public byte[] flowplans() {
        return key("flowplans");
    }

    /** HASH; by the id of a workflow that has succeeded what it ended with. */
    public byte[] flowends() {
        return key("flowends");
    }

    /** SET; members: ids of workflows whose end is to be published, because somebody awaits them. */
    public byte[] watched() {
        return key("watched");
    }

    /**
     * SET; the names of all queues of a prefix. This and {@link #planned} are the only keys that are of no single
     * queue.
     */
    public static byte[] queues(String prefix) {
        return bytes(Names.check("key prefix", prefix) + ":queues");
    }

    /**
     * ZSET; members: names of the queues of a prefix that have schedules, and of some that had; score: when that was
     * noted last, ms.
     */
    public static byte[] planned(String prefix) {
        return bytes(Names.check("key prefix", prefix) + ":planned");
    }

    /** As {@link #leases()}, for a queue of which no other key is wanted. */
    public static byte[] leases(String prefix, String queue) {
        String base = Names.check("key prefix", prefix) + ":{" + Names.check("queue name", queue) + "}:";
        return bytes(base + "leases");
    }

    /**
     * HASH; what operators ask of a worker, by the id of the command: when it was left, ms, a space, until when it
     * waits, ms, a space, and what is asked. Expires with the last of them.
     */
    public byte[] commands(String worker) {
        return key("commands:" + worker);
    }

    /** STRING; what a worker has answered to a command. Expires after a minute. */
    public byte[] reply(String command) {
        return key("reply:" + command);
    }

    /** Channel; wakes one worker, or hints at a command for it. */
    public byte[] wakeChannel(String worker) {
        return bytes(channels + "wake:" + worker);
    }

    /** Channel; ids of awaited jobs that have ended. */
    public byte[] finishedChannel() {
        return bytes(channels + "finished");
    }

    /** Channel; ids of active jobs that somebody asked to cancel. */
    public byte[] cancelChannel() {
        return bytes(channels + "cancel");
    }

    private byte[] key(String name) {
        return bytes(base + name);
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }
}
