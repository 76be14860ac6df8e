package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.CommandAnswer;
import io.tidemill.broker.CommandReply;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.WaitingCommand;
import io.tidemill.broker.WorkerCommand;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.record.Answer;
import io.tidemill.record.Command;
import io.tidemill.task.BrokerException;
import io.tidemill.test.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * How often a worker obeys a command, whatever becomes of the messages. Everything happens on the thread of the test.
 */
class WorkerCommandsTest {

    private final FakeClock clock = new FakeClock();
    private final Brings broker = new Brings();
    private final List<String> obeyed = new ArrayList<>();
    private Answer next = Answer.done();
    private final WorkerCommands commands =
            new WorkerCommands(broker, "w1", clock, Runnable::run, queue -> new Obeys());

    @Test
    void a_command_whose_answer_was_lost_is_answered_again_and_not_obeyed_again() {
        broker.bring("c1", new Command.Ping(), 20_000);
        broker.losesAnswers = true;

        commands.look("mail");
        assertThat(broker.answers).isEmpty();
        broker.losesAnswers = false;
        commands.look("mail");

        assertThat(obeyed).containsExactly("ping");
        assertThat(broker.answers).hasSize(1);
        assertThat(Answer.decode(broker.answers.get(0).body())).isEqualTo(Answer.done());
    }

    @Test
    void a_command_is_obeyed_once_although_a_broker_that_lost_the_answer_brings_it_for_a_day() {
        long day = Duration.ofDays(1).toMillis();
        broker.bring("c1", new Command.Quiet(), day);
        commands.look("mail");
        obeyed.clear();

        clock.advance(Duration.ofHours(23));
        for (int i = 0; i < 1000; i++) {
            broker.bring("other" + i, new Command.Ping(), 1);
            commands.look("mail");
            clock.advance(Duration.ofMillis(10));
        }
        broker.bring("c1", new Command.Quiet(), Duration.ofHours(1).toMillis() - 10_000);
        commands.look("mail");

        assertThat(obeyed).hasSize(1000).containsOnly("ping");
    }

    @Test
    void a_command_that_this_process_comes_to_after_its_time_is_not_obeyed() {
        broker.bring("c1", new Command.Stop(Duration.ZERO), 5_000);
        broker.onTheWay = Duration.ofSeconds(5);

        commands.look("mail");

        assertThat(obeyed).isEmpty();
        assertThat(broker.answers).isEmpty();
    }

    @Test
    void answers_are_forgotten_when_their_commands_are_over_and_long_ones_when_they_have_arrived() {
        next = Answer.done("x".repeat(Answer.MAX_CHARACTERS));
        for (int i = 0; i < 1000; i++) {
            broker.bring("c" + i, new Command.Stack("job"), 20_000);
            commands.look("mail");
            clock.advance(Duration.ofSeconds(1));
        }

        assertThat(obeyed).hasSize(1000);
        assertThat(commands.remembered())
                .as("those of 80 s, and as many until it looks again")
                .isLessThan(300);
        broker.bring("c999", new Command.Stack("job"), 20_000);
        commands.look("mail");
        assertThat(obeyed).hasSize(1000);
        assertThat(Answer.decode(broker.answers.get(broker.answers.size() - 1).body())
                        .text())
                .as("what is left of it")
                .hasSizeLessThan(1000);
    }

    @Test
    void one_command_that_fails_does_not_keep_the_others_from_their_answers() {
        broker.bring("c1", new Command.Timeout("unheard", null), 20_000);
        broker.bring("c2", new Command.Ping(), 20_000);

        commands.look("mail");

        assertThat(obeyed).containsExactly("ping");
        assertThat(broker.answers.stream().map(answer -> Answer.decode(answer.body())))
                .containsExactly(Answer.refused("it failed: java.lang.IllegalStateException"), Answer.done());
    }

    /** Brings each command until it has the answer. */
    private final class Brings extends DelegatingBroker implements CommandStore {

        private final List<WaitingCommand> waiting = new ArrayList<>();
        private final List<CommandAnswer> answers = new ArrayList<>();
        private boolean losesAnswers;
        private Duration onTheWay = Duration.ZERO;

        Brings() {
            super(new MemoryBroker());
        }

        void bring(String id, Command command, long leftMillis) {
            waiting.add(new WaitingCommand(id, leftMillis, command.encode()));
        }

        @Override
        public CommandStore commands() {
            return this;
        }

        @Override
        public CompletableFuture<CommandReply> command(String queue, WorkerCommand command) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<List<WaitingCommand>> obey(String queue, String worker, List<CommandAnswer> given) {
            if (losesAnswers && !given.isEmpty()) {
                return CompletableFuture.failedFuture(
                        new BrokerException(BrokerException.Outcome.UNKNOWN, "the request was lost", null));
            }
            answers.addAll(given);
            given.forEach(answer -> waiting.removeIf(each -> each.id().equals(answer.id())));
            clock.advance(onTheWay);
            return CompletableFuture.completedFuture(List.copyOf(waiting));
        }

        @Override
        public CompletableFuture<Optional<byte[]>> answer(String queue, String id) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Obeys implements Command.Cases<Answer> {

        private Answer obey(String name) {
            obeyed.add(name);
            return next;
        }

        @Override
        public Answer ping() {
            return obey("ping");
        }

        @Override
        public Answer quiet() {
            return obey("quiet");
        }

        @Override
        public Answer resume() {
            return obey("resume");
        }

        @Override
        public Answer resize(int jobs) {
            return obey("resize");
        }

        @Override
        public Answer stop(Duration grace) {
            return obey("stop");
        }

        @Override
        public Answer stack(String job) {
            return obey("stack");
        }

        @Override
        public Answer timeout(String task, @Nullable Duration limit) {
            throw new IllegalStateException("a bug");
        }

        @Override
        public Answer unknown(String name) {
            return obey("unknown");
        }
    }
}
