package io.tidemill.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemill.message.Failure;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RetryPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobCodecTest {

    private static final Job PLAIN =
            new Job("send_email", bytes("[\"ada\"]"), 1_795_212_339_800L, null, null, Map.of());

    private static final Job FULL = new Job(
            "send_email",
            bytes("[\"ada\",\"line\\nfeed\"]\n\n"),
            -5,
            Duration.ofSeconds(30),
            7,
            RetryPolicy.defaults()
                    .withDelay(Duration.ofMillis(1500))
                    .withMultiplier(2.5)
                    .withWindow(Duration.ofHours(6))
                    .withJitter(false),
            1_795_212_400_000L,
            Map.of("tenant", "7", "note", "a line\nfeed, \"quotes\", 漢字"));

    @Test
    void a_plain_job_is_one_readable_line_and_its_payload() {
        assertThat(new String(JobCodec.encode(PLAIN), StandardCharsets.UTF_8))
                .isEqualTo("1 send_email 1795212339800\n[\"ada\"]");
    }

    @Test
    void a_job_with_everything_comes_back() {
        Job back = JobCodec.decode(JobCodec.encode(FULL));

        assertThat(back).usingRecursiveComparison().isEqualTo(FULL);
    }

    @Test
    void a_retry_policy_without_its_waits_is_refused() {
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> JobCodec.decode(bytes("1 t 5 {\"retry\":{\"multiplier\":2}}\n[]")));
    }

    @Test
    void any_payload_comes_back_byte_for_byte() {
        byte[] every = new byte[256];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        for (byte[] payload : new byte[][] {every, new byte[0], bytes("\n"), new byte[1_000_000]}) {
            Job job = new Job("t", payload, 1, null, null, Map.of());
            assertThat(JobCodec.decode(JobCodec.encode(job)).payload()).isEqualTo(payload);
        }
    }

    @Test
    void a_newer_layout_is_refused_and_not_guessed() {
        byte[] newer = JobCodec.encode(PLAIN);
        newer[0] = '3';

        assertThatExceptionOfType(NewerLayoutException.class)
                .isThrownBy(() -> JobCodec.decode(newer))
                .withMessageContaining("layout '3'")
                .withMessageContaining("up to '2'");
    }

    @Test
    void the_section_of_a_step_stands_behind_the_payload() {
        Job step = new Job("t", bytes("[1]"), 1, null, null, null, 0, Map.of(), Job.More.NONE, bytes("\nsection"));

        byte[] body = JobCodec.encode(step);

        assertThat(new String(body, StandardCharsets.UTF_8)).isEqualTo("2 t 1 {\"section\":8}\n[1]\nsection");
        assertThat(JobCodec.decode(body).payload()).isEqualTo(bytes("[1]"));
        assertThat(JobCodec.decode(body).section()).isEqualTo(bytes("\nsection"));
        assertThat(JobCodec.taskOf(body)).isEqualTo("t");
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> JobCodec.decode(bytes("2 t 1 {\"section\":12}\n[1]\nsection")))
                .withMessageContaining("its section has 12 bytes, and there are 11");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "\n",
                "1\n",
                "1 t\n[]",
                "1 t x\n[]",
                "1 t 99999999999999999999\n[]",
                "0 t 5\n[]",
                "x t 5\n[]",
                "{\"id\":1}",
                "1 t 5",
                "1 t 5 {\n[]",
                "1 t 5 null\n[]",
                "1 t 5 []\n[]",
                "1 t 5 {\"timeout\":\"soon\"}\n[]",
                "1 t 5 {\"attempts\":\"many\"}\n[]",
                "1 t 5 {\"attempts\":1e99}\n[]",
                "1 t 5 {\"headers\":{\"a\":null}}\n[]",
                "1 t 5 {\"headers\":{\"a\":{}}}\n[]",
                "1 t 5 {\"headers\":7}\n[]",
                "1 t 5 {} {}\n[]",
            })
    void what_is_no_record_is_refused(String body) {
        assertThatExceptionOfType(PayloadException.class).isThrownBy(() -> JobCodec.decode(bytes(body)));
    }

    @Test
    void unknown_extras_are_let_pass() {
        assertThat(JobCodec.decode(bytes("1 t 5 {\"color\":\"blue\",\"attempts\":3}\n[]"))
                        .maxAttempts())
                .isEqualTo(3);
    }

    @Test
    void a_record_cut_short_in_its_head_is_refused() {
        byte[] whole = JobCodec.encode(FULL);
        int head = new String(whole, StandardCharsets.UTF_8).indexOf('\n');
        for (int length = 0; length <= head; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(PayloadException.class)
                    .as("cut to %s bytes", length)
                    .isThrownBy(() -> JobCodec.decode(cut));
        }
    }

    @Test
    void a_head_that_nests_without_end_is_refused() {
        String deep = "1 t 5 {\"x\":" + "[".repeat(100_000) + "\n[]";
        assertThatExceptionOfType(PayloadException.class).isThrownBy(() -> JobCodec.decode(bytes(deep)));
    }

    @Test
    void noise_is_refused_or_read_but_nothing_else() {
        Random random = new Random(11);
        byte[] whole = JobCodec.encode(FULL);
        for (int i = 0; i < 20_000; i++) {
            byte[] noisy = whole.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                noisy[random.nextInt(noisy.length)] = (byte) random.nextInt(256);
            }
            try {
                JobCodec.decode(noisy);
            } catch (PayloadException | NewerLayoutException expected) {
                // The only two ways to say no.
            }
        }
    }

    @Test
    void a_failure_comes_back() {
        Failure failure = new Failure("java.io.IOException", "no \"route\"\nto 漢字", "at x\nat y");

        assertThat(JobCodec.decodeFailure(JobCodec.encode(failure))).isEqualTo(failure);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "boom", "null", "[]", "{}", "{\"type\":\"x\"}", "{\"type\":", "7", "\"text\""})
    void bytes_that_hold_no_failure_become_its_message(String text) {
        assertThat(JobCodec.decodeFailure(bytes(text))).isEqualTo(Failure.of("unknown", text));
    }

    @Test
    void a_message_with_half_a_character_can_be_kept() {
        Failure failure = Failure.of(new IllegalStateException("half a rocket: \ud83d."));

        assertThat(JobCodec.decodeFailure(JobCodec.encode(failure)).message()).startsWith("half a rocket: ");
    }

    @Test
    void a_message_cut_within_a_character_can_be_kept() {
        Failure failure = Failure.of("x", "x" + "🚀".repeat(Failure.MAX_MESSAGE));

        assertThat(JobCodec.decodeFailure(JobCodec.encode(failure)).message()).startsWith("x🚀");
    }

    @Test
    void a_header_with_half_a_character_does_no_harm() {
        Job job = new Job("t", bytes("[]"), 5, null, null, Map.of("half", "a\ud83db", "whole", "c"));
        assertThat(JobCodec.decode(JobCodec.encode(job)).headers()).containsEntry("whole", "c");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void a_job_with_a_delay_keeps_when_it_is_due() {
        Job job = new Job("mail", new byte[0], 7, null, null, null, 42, Map.of());

        Job read = JobCodec.decode(JobCodec.encode(job));

        assertThat(read.dueMillis()).isEqualTo(42);
        assertThat(read.readyAtMillis()).isEqualTo(42);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "0", "9223372036854775807", "400000000000", "\"soon\""})
    void a_deadline_that_no_producer_may_ask_for_is_refused(String deadline) {
        assertThatExceptionOfType(PayloadException.class)
                .isThrownBy(() -> JobCodec.decode(bytes("1 t 5 {\"deadline\":" + deadline + "}\n[]")));
    }

    @Test
    void a_deadline_of_another_producer_is_read() {
        Job job = JobCodec.decode(bytes("1 t 5 {\"deadline\":60005}\n[]"));

        assertThat(job.more().deadlineMillis()).isEqualTo(60_005);
        assertThat(job.policy(RetryPolicy.defaults()).window()).isEqualTo(Duration.ofMinutes(1));
    }
}
