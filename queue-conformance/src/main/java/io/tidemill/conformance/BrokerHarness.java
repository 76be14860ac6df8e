package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Short words for the port's hops, for the {@link BrokerContract}.
 *
 * <p>Written for brokers whose clock cannot be moved: a test may rely on {@link #advance} having let at least so much
 * time pass, never on little time having passed. So whatever must <em>not</em> have ended yet lasts {@link #LONG}.
 *
 * <p>Not thread-safe: one test at a time.
 */
public abstract class BrokerHarness extends BrokerUnderTest {

    /** Ends within a test, by {@link #letItEnd}. */
    protected static final long SHORT_MILLIS = 40;

    /** Never ends within a test. */
    protected static final Duration LONG = Duration.ofMinutes(10);

    protected static final long LONG_MILLIS = LONG.toMillis();

    protected static final byte[] FAILURE = bytes("what went wrong");

    protected static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    protected static List<String> newIds(int count) {
        return IntStream.range(0, count).mapToObj(i -> newId()).toList();
    }

    protected static NewJob job(String id) {
        return job(id, Priority.DEFAULT);
    }

    protected static NewJob job(String id, int priority) {
        return NewJob.now(id, bytes("body of " + id), priority);
    }

    protected static EnqueueReply duplicateOf(String id) {
        return new EnqueueReply.Duplicate(id);
    }

    protected final List<EnqueueReply> enqueue(Broker by, Collection<NewJob> jobs) {
        jobs.forEach(job -> job.constraints().needs().forEach(this::need));
        jobs.forEach(job -> known.add(job.id()));
        return get(by.enqueue(queue, List.copyOf(jobs)));
    }

    /** Stores jobs that must be accepted; returns their ids. */
    protected final List<String> stored(Collection<NewJob> jobs) {
        assertThat(enqueue(broker(), jobs)).hasSize(jobs.size()).containsOnly(EnqueueReply.ACCEPTED);
        return jobs.stream().map(NewJob::id).toList();
    }

    /** Stores this many ready jobs of default priority. */
    protected final List<String> ready(int count) {
        return stored(newIds(count).stream().map(BrokerHarness::job).toList());
    }

    protected final String readyOne() {
        return ready(1).get(0);
    }

    /** Stores jobs that are due after so many ms; all at the same moment. */
    protected final List<String> delayed(int count, long millis) {
        return stored(newIds(count).stream().map(id -> job(id).after(millis)).toList());
    }

    protected static ClaimRequest request(String token, int limit, long leaseMillis) {
        return new ClaimRequest("worker-" + token, token, limit, leaseMillis);
    }

    /** Claims under a new token and a lease that does not end. */
    protected final ClaimReply claim(int limit) {
        return claim(newId(), limit, LONG_MILLIS);
    }

    protected final ClaimReply claim(String token, int limit, long leaseMillis) {
        return get(broker().claim(queue, request(token, limit, leaseMillis)));
    }

    /** Claims exactly one job. */
    protected final Claim claimOne() {
        return claimOne(LONG_MILLIS);
    }

    protected final Claim claimOne(long leaseMillis) {
        List<Claim> claims = claim(newId(), 1, leaseMillis).claims();
        assertThat(claims).as("claimed").hasSize(1);
        return claims.get(0);
    }

    /** A job that is claimed. */
    protected final Claim running() {
        return running(LONG_MILLIS);
    }

    protected final Claim running(long leaseMillis) {
        String id = readyOne();
        Claim claim = claimOne(leaseMillis);
        assertThat(claim.id()).isEqualTo(id);
        return claim;
    }

    protected static List<String> ids(ClaimReply reply) {
        return reply.claims().stream().map(Claim::id).toList();
    }

    protected static List<String> ids(Collection<JobSnapshot> jobs) {
        return jobs.stream().map(JobSnapshot::id).toList();
    }

    protected static Completion.Succeeded succeeded(Claim claim) {
        return Completion.Succeeded.of(claim, null, 0);
    }

    protected final CompletionReply complete(Claim claim) {
        return complete(succeeded(claim));
    }

    protected final CompletionReply complete(Completion.Succeeded run) {
        return get(broker().complete(queue, List.of(run), null)).settled().get(0);
    }

    protected final CompletionReply retry(Claim claim, long delayMillis) {
        return fail(new Completion.Retry(claim.id(), claim.token(), delayMillis, FAILURE));
    }

    protected final CompletionReply die(Claim claim) {
        return fail(new Completion.Dead(claim.id(), claim.token(), FAILURE));
    }

    protected final CompletionReply fail(Completion.Failed run) {
        return get(broker().fail(queue, List.of(run))).get(0);
    }

    protected final CompletionReply release(Claim claim, long delayMillis) {
        return get(broker().release(queue, List.of(new Completion.Release(claim.id(), claim.token(), delayMillis))))
                .get(0);
    }

    /** Lets a {@link #SHORT_MILLIS} lease, delay or retention end. */
    protected final void letItEnd() {
        advance(Duration.ofMillis(SHORT_MILLIS + 10));
    }

    /** The jobs that these describe. */
    protected final List<String> named(List<JobBrief> jobs) {
        return JobBrief.ids(jobs);
    }

    protected static void assertBrief(
            JobBrief told, String id, byte[] beginning, int failures, int lostLeases, int releases) {
        assertThat(told.id()).isEqualTo(id);
        assertThat(told.beginning()).as("the beginning of the record").isEqualTo(beginning);
        assertThat(List.of(told.failures(), told.lostLeases(), told.releases()))
                .as("failures, lostLeases and releases")
                .containsExactly(failures, lostLeases, releases);
    }

    protected final RecoverReply recover() {
        return recover(3);
    }

    protected final RecoverReply recover(int maxLostLeases) {
        return get(sweeps().recover(queue, 100, maxLostLeases, bytes("its lease ended too often")));
    }

    protected final Optional<JobSnapshot> find(String id) {
        return get(lookUp().find(queue, id, false));
    }

    protected final JobSnapshot found(String id) {
        Optional<JobSnapshot> job = find(id);
        assertThat(job).as("job %s", id).isPresent();
        return job.orElseThrow();
    }

    protected final JobState stateOf(String id) {
        return found(id).state();
    }

    /** The bytes 0 to 255. */
    protected static byte[] everyByte() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return all;
    }
}
