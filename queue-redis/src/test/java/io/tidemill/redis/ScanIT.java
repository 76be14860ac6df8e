package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.JobScan;
import io.tidemill.broker.NewJob;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A walk over the jobs of a queue, where Redis has its own ways. */
class ScanIT extends ScriptsHarness {

    @Test
    void a_cursor_of_another_process_begins_the_walk_anew() {
        Play play = new Play(Script.SCAN, open(), probe, connection);
        play.jobs("one", "two");

        JobScan step = play.get(broker.lists().scan(play.queue, "5 0123456789abcdef", 1000));

        assertThat(step.isAnew()).isTrue();
        assertThat(step.jobs()).extracting(JobScan.Stored::id).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void records_that_are_too_large_for_one_reply_come_whole() {
        Play play = new Play(Script.SCAN, open(), probe, connection);
        List<byte[]> bodies = Stream.of(1, 2, 3).map(i -> new byte[700_000 + i]).toList();
        for (byte[] body : bodies) {
            play.get(broker.enqueue(play.queue, List.of(NewJob.now("job" + body.length, body, 4))));
        }

        JobScan step = play.get(broker.lists().scan(play.queue, null, 1000));

        assertThat(step.jobs().stream().map(JobScan.Stored::body).sorted(Comparator.comparing(body -> body.length)))
                .usingElementComparator((some, other) -> some.length - other.length)
                .isEqualTo(bodies);
        assertThat(step.next()).isNull();
    }

    @Test
    void a_walk_leaves_out_jobs_of_queues_with_similar_names() {
        Play play = new Play(Script.SCAN, open(), probe, connection);
        play.jobs("mine");
        play.get(broker.enqueue(play.queue + "x", List.of(NewJob.now("other", Play.BODY, 4))));

        assertThat(play.get(broker.lists().scan(play.queue, null, 1000)).jobs())
                .extracting(JobScan.Stored::id)
                .containsExactly("mine");
    }
}
