package io.tidemill.redis;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import java.util.ArrayList;
import java.util.List;

/** Reads what a claim brought, from where it begins in a reply. */
final class Claims {

    private Claims() {}

    static ClaimReply parse(String token, Reply reply, int from) {
        List<Claim> claims = new ArrayList<>((reply.size() - from) / 2);
        for (int i = from + 1; i < reply.size(); i += 2) {
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
        return new ClaimReply(List.copyOf(claims), reply.number(from));
    }
}
