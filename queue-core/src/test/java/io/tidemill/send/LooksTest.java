package io.tidemill.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LooksTest {

    private final Looks<String> looks = new Looks<>(2);
    private final List<Integer> asked = new ArrayList<>();

    private CompletableFuture<String> add(int number) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        looks.add(() -> {
            asked.add(number);
            return answer;
        });
        return answer;
    }

    @Test
    void no_more_are_asked_at_once_than_there_are_places_and_each_is_asked_in_its_turn() {
        List<CompletableFuture<String>> answers =
                IntStream.range(0, 5).mapToObj(this::add).toList();
        assertThat(asked).containsExactly(0, 1);

        answers.get(1).complete("found");
        assertThat(asked).containsExactly(0, 1, 2);

        answers.get(0).completeExceptionally(new IllegalStateException("no answer"));
        answers.get(2).complete("found");
        assertThat(asked).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void one_that_cannot_be_asked_gives_its_place_back() {
        for (int i = 0; i < 5; i++) {
            looks.add(() -> {
                throw new IllegalStateException("closed");
            });
        }

        add(1);

        assertThat(asked).containsExactly(1);
    }

    @Test
    void a_hundred_thousand_that_are_answered_at_once_do_not_end_the_stack() {
        CompletableFuture<String> first = add(0);
        CompletableFuture<String> second = add(1);
        for (int i = 2; i < 100_000; i++) {
            int number = i;
            looks.add(() -> {
                asked.add(number);
                return CompletableFuture.completedFuture("found");
            });
        }
        assertThat(asked).hasSize(2);

        first.complete("found");
        second.complete("found");

        assertThat(asked).hasSize(100_000);
    }
}
