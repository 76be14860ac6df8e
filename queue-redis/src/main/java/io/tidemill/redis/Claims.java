package io.tidemill.redis;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.redis.keys.WireText;
import io.tidemill.text.PrintableText;
import java.util.ArrayList;
import java.util.List;

/**
 * What a claim brought, as the replies of claim and complete say it.
 *
 * @param reply for the worker
 * @param newer jobs that a newer version stored: to be left to its workers
 * @param broken jobs whose id or record cannot be read, pushed by hand or damaged: to be put aside as they are
 */
record Claims(ClaimReply reply, List<Unreadable> newer, List<Unreadable> broken) {

    /** A job that cannot be read. Its id may hold any byte, one character each. */
    record Unreadable(String id, String token, String reason) {

        /** Fit for a log line. */
        String escapedId() {
            StringBuilder text = new StringBuilder();
            for (char c : id.substring(0, Math.min(id.length(), PrintableText.MAX_LENGTH))
                    .toCharArray()) {
                text.append(c > ' ' && c < 127 && c != '\\' ? "" + c : String.format("\\x%02x", (int) c));
            }
            return id.length() > PrintableText.MAX_LENGTH ? text.append("...").toString() : text.toString();
        }
    }

    static Claims parse(String token, Reply reply) {
        int from = reply.first("claimed");
        List<Claim> claims = new ArrayList<>(Math.max(0, reply.size() - from) / 2);
        List<JobBrief> expired = new ArrayList<>(0);
        List<Unreadable> newer = new ArrayList<>(0);
        List<Unreadable> broken = new ArrayList<>(0);
        for (int i = from; i < reply.size(); i += 2) {
            String wire = reply.text(i);
            if (reply.isList(i + 1)) {
                expired.add(
                        StoredJob.brief(WireText.show(wire), reply.blobs(i + 1).get(0)));
                continue;
            }
            byte[] stored = reply.bytes(i + 1);
            try {
                String id = WireText.read("job id", wire);
                StoredJob job = StoredJob.parse(stored);
                claims.add(new Claim(
                        id,
                        token,
                        job.body(),
                        job.priority(),
                        job.failures(),
                        job.lostLeases(),
                        job.releases(),
                        job.hasConstraints() ? StepReceipt.of(StoredJob.words(stored)) : null,
                        job.notes(),
                        reply.serverMillis()));
            } catch (IllegalArgumentException e) {
                boolean isNewer = WireText.isText(wire) && StoredJob.isNewer(stored);
                (isNewer ? newer : broken).add(new Unreadable(wire, token, "" + e.getMessage()));
            }
        }
        // What is put aside took the place of others in this claim.
        long moreIn = newer.isEmpty() && broken.isEmpty() ? reply.number("moreIn") : 0;
        return new Claims(new ClaimReply(List.copyOf(claims), moreIn, List.copyOf(expired)), newer, broken);
    }
}
