package io.tidemill.redis;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.Completion;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a claim brought, from where it begins in a reply.
 *
 * @param reply for the worker
 * @param unknown jobs that a newer version stored: to be left to its workers
 */
record Claims(ClaimReply reply, List<Completion.Release> unknown) {

    /** A worker of the newer version has this long to come by before we see such a job again. */
    private static final long LEFT_ALONE_MILLIS = 30_000;

    static Claims parse(String token, Reply reply, int from) {
        List<Claim> claims = new ArrayList<>((reply.size() - from) / 2);
        List<String> expired = new ArrayList<>(0);
        List<Completion.Release> unknown = new ArrayList<>(0);
        for (int i = from + 1; i < reply.size(); i += 2) {
            String id = reply.text(i);
            byte[] stored = reply.bytes(i + 1);
            if (stored.length == 0) {
                expired.add(id);
            } else if (StoredJob.isKnown(stored)) {
                StoredJob job = StoredJob.parse(stored);
                claims.add(new Claim(
                        id,
                        token,
                        job.body(),
                        job.priority(),
                        job.failures(),
                        job.expirations(),
                        job.releases(),
                        job.hasFlow()));
            } else {
                unknown.add(new Completion.Release(id, token, LEFT_ALONE_MILLIS));
            }
        }
        return new Claims(new ClaimReply(List.copyOf(claims), reply.number(from), List.copyOf(expired)), unknown);
    }
}
