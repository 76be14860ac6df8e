package io.tidemill.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Unique;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreparedJobTest {

    private static final long MADE = 1_795_125_939_800L;
    private static final byte[] RECORD =
            JobCodec.encode(new Job("send_email", "[\"ada\",\"\\n\"]".getBytes(UTF_8), MADE, null, null, Map.of()));

    private static final PreparedJob PLAIN =
            new PreparedJob("mail", "send_email", new NewJob("job-1", RECORD, 4, 0, NewJob.NOW), MADE, String.class);

    private static final PreparedJob FULL = new PreparedJob(
            "mail",
            "send_email",
            new NewJob(
                    "job-2",
                    RECORD,
                    9,
                    86_400_000,
                    1_795_212_339_800L,
                    new JobConstraints(
                            Unique.within("nudge: ada@example.com", Duration.ofMinutes(1))
                                    .onConflict(Unique.Conflict.REPLACE)
                                    .longestDelay(Duration.ofHours(2))
                                    .version(12),
                            "tenant 7, 漢字",
                            90_000_000)),
            MADE,
            String.class);

    @Test
    void a_plain_one_is_four_readable_lines_and_its_record() {
        assertThat(new String(PLAIN.toBytes(), UTF_8))
                .isEqualTo("prepared 1\nqueue mail\nid job-1\npriority 4\nrecord " + RECORD.length + "\n"
                        + new String(RECORD, UTF_8));
    }

    @Test
    void one_with_everything_comes_back() {
        PreparedJob back = PreparedJob.fromBytes(FULL.toBytes());

        assertThat(back).usingRecursiveComparison().ignoringFields("resultType").isEqualTo(FULL);
        assertThat(back.resultType()).as("a type has no place in bytes").isNull();
        assertThat(back.toBytes()).isEqualTo(FULL.toBytes());
    }

    /** A part of a job that the layout leaves out would be lost without a word: add it to both, and here. */
    @Test
    void the_layout_has_a_place_for_every_part_of_a_job() {
        assertThat(parts(NewJob.class))
                .containsExactly("id", "body", "priority", "delayMillis", "dueMillis", "constraints", "hasNewId");
        assertThat(parts(JobConstraints.class))
                .as("a step belongs to the request that stores a job, and not to the job")
                .containsExactly("unique", "group", "expiresInMillis", "step");
        assertThat(getters(Unique.class))
                .containsExactlyInAnyOrder("key", "scope", "window", "conflict", "longestDelay", "version");
    }

    @Test
    void one_that_a_schedule_stores_now_is_not_written_for_later() {
        StoredSchedule next = new StoredSchedule("nightly", "r2", StoredSchedule.NEVER, new byte[0]);
        PreparedJob firing = FULL.withStep(new ScheduleStep("r1", next));

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(firing::toBytes)
                .withMessageContaining(
                        "prepared job job-2 of task send_email for queue mail cannot be written as bytes")
                .withMessageContaining("schedule \"nightly\"");
        assertThat(firing.job().constraints().unique())
                .isEqualTo(FULL.job().constraints().unique());
    }

    private static Stream<String> parts(Class<?> type) {
        return Stream.of(type.getRecordComponents()).map(RecordComponent::getName);
    }

    private static Stream<String> getters(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()))
                .filter(method -> method.getParameterCount() == 0)
                .map(Method::getName)
                .filter(name -> !name.equals("toString") && !name.equals("hashCode"));
    }

    @Test
    void no_beginning_of_the_bytes_is_taken_for_the_whole() {
        byte[] whole = FULL.toBytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(PayloadException.class)
                    .as("the first %s bytes", length)
                    .isThrownBy(() -> PreparedJob.fromBytes(part));
        }
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> PreparedJob.fromBytes(Arrays.copyOf(whole, whole.length + 1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prepared 1  | prepared 2      | they have layout 2, and this version reads layout 1; a newer version",
                "prepared 1  | preparing 1     | they do not begin as PreparedJob.toBytes() writes them",
                "group       | colour          | they ask for [colour], which this version does not know; a newer",
                "queue mail  | queue ma/il     | queue name may hold only",
                "id job-2    | id              | line \"id\" has no value",
                "id job-2    | queue mail      | line \"queue\" is there twice",
                "id job-2    | colour red      | line \"id\" is missing",
                "priority 9  | priority 10     | priority must be 0 (last) to 9 (first), got 10",
                "delay 86400000 | delay -1     | delay must be 0 to",
                "delay 86400000 | delay soon   | For input string",
                "WINDOW      | FOREVER         | No enum constant",
                "WINDOW REPLACE 60000 nudge: ada@example.com | WINDOW | a unique key has scope, conflict, window and"
                        + " key",
                "1 send_email | 3 send_email   | their record has a newer layout; a newer version",
                "1 send_email | x send_email   | the record does not begin with"
            })
    void wrong_or_newer_bytes_are_refused_with_the_reason(String right, String wrong, String reason) {
        String text = new String(FULL.toBytes(), UTF_8);
        assertThat(text).contains(right);

        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(
                        () -> PreparedJob.fromBytes(text.replace(right, wrong).getBytes(UTF_8)))
                .withMessageContaining(reason);
    }
}
