package io.tidemill;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.BulkException;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.SendInterceptor;
import io.tidemill.task.JobOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.spi.MDCAdapter;

/** What an interceptor around sending sees, adds and refuses. */
class SendInterceptorTest extends ExtensionHarness {

    @Test
    void an_interceptor_sees_each_call_and_adds_headers_in_order() throws Exception {
        SendInterceptor first = sending -> {
            seen.add(sending.task() + " to " + sending.queue() + " with " + sending.arguments() + " of "
                    + sending.definition().map(task -> task.name()).orElse("nobody"));
            sending.header("by", sending.headers().getOrDefault("by", "nobody"));
        };
        SendInterceptor second =
                sending -> sending.header("by", sending.headers().get("by") + " and me");
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .interceptSends(first)
                .interceptSends(second)
                .start()) {
            assertThat(queue.enqueue(call(Tasks::headers, "x").header("by", "Ada"))
                            .await(PATIENCE))
                    .containsExactlyEntriesOf(Map.of("by", "Ada and me"));
            assertThat(queue.enqueueAll(List.of(call(Tasks::headers, "y")))
                            .get(0)
                            .await(PATIENCE))
                    .containsExactlyEntriesOf(Map.of("by", "nobody and me"));
            PreparedJob prepared = queue.prepare(call(Tasks::headers, "z"));
            assertThat(queue.enqueue(PreparedJob.fromBytes(prepared.toBytes())).await(PATIENCE))
                    .isEqualTo(Map.of("by", "nobody and me"));
        }
        assertThat(seen)
                .containsExactly(
                        "headers to mail with [x] of headers",
                        "headers to mail with [y] of headers",
                        "headers to mail with [z] of headers");
    }

    @Test
    void an_interceptor_sees_a_bulk_as_one_and_its_end() {
        SendInterceptor interceptor = new SendInterceptor() {
            @Override
            public void before(Sending sending) {
                seen.add("alone " + sending.arguments());
            }

            @Override
            public Bulk bulk() {
                seen.add("begin");
                return new Bulk() {
                    @Override
                    public void before(Sending sending) {
                        seen.add("in bulk " + sending.arguments());
                    }

                    @Override
                    public void ended(@Nullable Throwable failure) {
                        seen.add("end "
                                + (failure == null ? "well" : failure.getClass().getSimpleName()));
                        throw new IllegalStateException("goes to the log");
                    }
                };
            }
        };
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .interceptSends(interceptor)
                .start()) {
            queue.enqueueAll(List.of(call(Tasks::headers, "x"), call(Tasks::headers, "y")));
            assertThatThrownBy(() -> queue.enqueueAll(List.of(named("haeders", "z"))))
                    .isInstanceOf(BulkException.class);
            queue.enqueue(call(Tasks::headers, "w"));
        }

        assertThat(seen)
                .containsExactly(
                        "begin", "in bulk [x]", "in bulk [y]", "end well", "begin", "end BulkException", "alone [w]");
    }

    @Test
    void an_interceptor_may_change_the_headers_of_a_job_that_is_like_another() throws Exception {
        SendInterceptor interceptor = new SendInterceptor() {
            @Override
            public void before(Sending sending) {
                sending.header("of", sending.jobId());
                sending.header("kept", "as it was");
                sending.header("gone", "soon");
            }

            @Override
            public void beforeCopy(Sending sending) {
                seen.add(sending.task() + " to " + sending.queue() + " with " + sending.arguments());
                sending.header("of", sending.jobId());
                sending.removeHeader("gone");
            }
        };
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .interceptSends(interceptor)
                .start()) {
            PreparedJob pattern = queue.prepare(call(Tasks::headers, "x"));

            assertThat(queue.enqueue(queue.prepareLike(pattern, "a")).await(PATIENCE))
                    .isEqualTo(Map.of("of", "a", "kept", "as it was"));
            assertThat(queue.enqueue(queue.prepareLike(pattern, "b", "y")).await(PATIENCE))
                    .isEqualTo(Map.of("of", "b", "kept", "as it was"));
        }
        assertThat(seen).containsExactly("headers to mail with []", "headers to mail with [y]");
    }

    @Test
    void the_id_that_an_interceptor_sees_is_that_of_the_job() {
        List<String> ids = new CopyOnWriteArrayList<>();
        try (TaskQueue queue = TaskQueue.builder()
                .interceptSends(sending -> ids.add(sending.jobId()))
                .start()) {
            assertThat(queue.enqueue("a").id()).isEqualTo(ids.get(0));
        }
    }

    @Test
    void a_call_that_an_interceptor_refuses_is_not_stored() {
        try (TaskQueue queue = TaskQueue.builder()
                .interceptSends(sending -> {
                    throw new SecurityException("no tenant");
                })
                .start()) {
            assertThatThrownBy(() -> queue.enqueue("a")).isInstanceOf(SecurityException.class);
            assertThatThrownBy(() -> queue.enqueueAll(List.of(named("a"))))
                    .isInstanceOf(BulkException.class)
                    .hasRootCauseMessage("no tenant");
            assertThat(queue.admin().counts("default").ready()).isZero();
        }
    }

    @Test
    void fields_of_the_log_context_go_from_the_caller_to_the_run() throws Exception {
        MDCAdapter before = install(new BasicMDCAdapter());
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .install(LogFields.of("request", "absent"))
                .start()) {
            MDC.put("request", "r-17");
            assertThat(queue.enqueue(Tasks::log).await(PATIENCE)).isEqualTo("r-17");
            assertThat(queue.enqueue(Tasks::headers, "x").await(PATIENCE))
                    .containsExactlyEntriesOf(Map.of("log.request", "r-17"));
            MDC.put("request", "r".repeat(JobOptions.MAX_HEADER_VALUE + 1));
            assertThat(queue.enqueue(Tasks::log).await(PATIENCE)).hasSize(JobOptions.MAX_HEADER_VALUE);
            MDC.remove("request");
            assertThat(queue.enqueue(Tasks::log).await(PATIENCE)).isEqualTo("null");
        } finally {
            install(before);
        }
    }

    @Test
    void a_log_field_that_no_header_can_carry_is_refused() {
        assertThatThrownBy(() -> LogFields.of("request id")).hasMessageContaining("log field may hold only");
    }
}
