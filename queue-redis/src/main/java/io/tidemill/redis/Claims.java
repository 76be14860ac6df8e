package io.tidemill.redis;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a claim brought, from where it begins in a reply.
 *
 * @param reply for the worker
 * @param hasMore whether the worker should ask again at once, because jobs were left that it asked for
 */
record Claims(ClaimReply reply, boolean hasMore) {

    static Claims parse(String token, Reply reply, int from) {
        List<Claim> claims = new ArrayList<>((reply.size() - from) / 2);
        for (int i = from + 2; i < reply.size(); i += 2) {
            StoredJob job = StoredJob.parse(reply.bytes(i + 1));
            claims.add(new Claim(
                    reply.text(i),
                    token,
                    job.body(),
                    job.priority(),
                    job.failures(),
                    job.expirations(),
                    job.releases()));
        }
        return new Claims(
                new ClaimReply(List.copyOf(claims), reply.number(from)),
                reply.text(from + 1).equals("1"));
    }
}
