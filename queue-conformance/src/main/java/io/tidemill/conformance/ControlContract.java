package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Ability;
import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. What operators ask of workers. */
public abstract class ControlContract extends ProgressContract {

    private CommandStore commands() {
        need(Ability.CONTROL);
        return broker().commands();
    }

    /** Whether a command waits for the worker, which is listed. */
    private boolean register(String worker, long ttlMillis) {
        need(Ability.CONTROL);
        return get(operations().register(queue, worker, bytes("about it"), ttlMillis));
    }

    private CommandReply command(String worker, String id, long ttlMillis) {
        return get(commands().command(queue, new WorkerCommand(id, worker, ttlMillis, bytes("what " + id))));
    }

    private List<String> obey(String worker, CommandAnswer... answers) {
        return get(commands().obey(queue, worker, List.of(answers))).stream()
                .map(WaitingCommand::id)
                .toList();
    }

    private CommandAnswer answer(String id, String text) {
        return new CommandAnswer(id, bytes(text));
    }

    private Optional<String> answered(String id) {
        return get(commands().answer(queue, id)).map(String::new);
    }

    @Nested
    class Commands {

        @Test
        void a_command_is_brought_to_its_worker_until_it_is_answered() {
            register("w1", LONG_MILLIS);
            register("w2", LONG_MILLIS);
            assertThat(command("w1", "c1", LONG_MILLIS)).isEqualTo(CommandReply.LEFT);

            assertThat(obey("w2")).isEmpty();
            assertThat(obey("w1")).containsExactly("c1");
            assertThat(obey("w1")).containsExactly("c1");
            assertThat(answered("c1")).isEmpty();

            assertThat(obey("w1", answer("c1", "done"))).isEmpty();

            assertThat(obey("w1")).isEmpty();
            assertThat(answered("c1")).contains("done");
        }

        @Test
        void what_is_asked_and_answered_may_have_every_byte() {
            register("w1", LONG_MILLIS);
            get(commands().command(queue, new WorkerCommand("c1", "w1", LONG_MILLIS, everyByte())));

            WaitingCommand waiting =
                    get(commands().obey(queue, "w1", List.of())).get(0);
            get(commands().obey(queue, "w1", List.of(new CommandAnswer("c1", everyByte()))));

            assertThat(waiting.body()).isEqualTo(everyByte());
            assertThat(waiting.leftMillis()).isBetween(1L, LONG_MILLIS);
            assertThat(get(commands().answer(queue, "c1"))).hasValue(everyByte());
        }

        @Test
        void commands_come_in_the_order_in_which_they_were_left() {
            register("w1", LONG_MILLIS);
            command("w1", "b", LONG_MILLIS);
            letItEnd();
            command("w1", "a", LONG_MILLIS);

            assertThat(obey("w1")).containsExactly("b", "a");
        }

        @Test
        void a_command_that_is_left_again_is_there_once() {
            register("w1", LONG_MILLIS);
            command("w1", "c1", LONG_MILLIS);

            assertThat(command("w1", "c1", LONG_MILLIS)).isEqualTo(CommandReply.LEFT);

            assertThat(obey("w1")).containsExactly("c1");
            obey("w1", answer("c1", "done"));
            assertThat(command("w1", "c1", LONG_MILLIS)).isEqualTo(CommandReply.LEFT);
            assertThat(obey("w1")).as("it was answered").isEmpty();
        }

        @Test
        void an_answer_to_a_command_that_does_not_wait_changes_nothing() {
            register("w1", LONG_MILLIS);
            command("w1", "c1", LONG_MILLIS);
            obey("w1", answer("c1", "first"));

            obey("w1", answer("c1", "second"), answer("c2", "to nothing"));

            assertThat(answered("c1")).contains("first");
            assertThat(answered("c2")).isEmpty();
        }

        @Test
        void a_command_whose_time_is_over_is_not_brought_and_takes_no_answer() {
            register("w1", LONG_MILLIS);
            command("w1", "c1", SHORT_MILLIS);
            command("w1", "c2", LONG_MILLIS);
            letItEnd();

            assertThat(obey("w1", answer("c1", "late"))).containsExactly("c2");

            assertThat(answered("c1")).isEmpty();
        }

        @Test
        void a_command_for_a_worker_that_does_not_serve_the_queue_is_not_left() {
            register("w-gone", SHORT_MILLIS);
            register("w-left", LONG_MILLIS);
            register("w-left", 0);
            letItEnd();

            assertThat(command("w-never", "c1", LONG_MILLIS)).isEqualTo(CommandReply.NO_WORKER);
            assertThat(command("w-gone", "c2", LONG_MILLIS)).isEqualTo(CommandReply.NO_WORKER);
            assertThat(command("w-left", "c3", LONG_MILLIS)).isEqualTo(CommandReply.NO_WORKER);
            assertThat(obey("w-gone")).isEmpty();
        }

        @Test
        void no_more_commands_wait_for_a_worker_than_may() {
            register("w1", LONG_MILLIS);
            for (int i = 1; i <= CommandStore.MAX_WAITING; i++) {
                assertThat(command("w1", "c" + i, LONG_MILLIS)).isEqualTo(CommandReply.LEFT);
            }

            assertThat(command("w1", "more", LONG_MILLIS)).isEqualTo(CommandReply.TOO_MANY);

            obey("w1", answer("c1", "done"));
            assertThat(command("w1", "more", LONG_MILLIS)).isEqualTo(CommandReply.LEFT);
            assertThat(obey("w1")).hasSize(CommandStore.MAX_WAITING).contains("more");
        }

        @Test
        void to_be_listed_says_whether_a_command_waits() {
            assertThat(register("w1", LONG_MILLIS)).isFalse();
            command("w1", "c1", LONG_MILLIS);
            command("w1", "c2", SHORT_MILLIS);

            assertThat(register("w1", LONG_MILLIS)).isTrue();

            obey("w1", answer("c1", "done"));
            letItEnd();
            assertThat(register("w1", LONG_MILLIS)).isFalse();
        }

        @Test
        void the_worker_gets_a_hint_of_a_command() {
            need(Ability.CONTROL);
            RecordingListener listener = new RecordingListener(patience());
            try (Subscription hints = another().listen("w1", Set.of(queue), listener)) {
                register("w1", LONG_MILLIS);
                command("w1", "c1", LONG_MILLIS);

                listener.await("commanded " + queue);
                assertThat(hints).isNotNull();
            }
        }
    }
}
