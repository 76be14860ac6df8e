package io.tidemill.examples.small;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;

import io.tidemill.TaskQueue;
import io.tidemill.task.Task;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.Workflow;
import java.time.Duration;
import java.util.List;

/** Jobs that follow one another: each takes what others gave, and the compiler checks that it fits. */
public class StepsThatFollow {

    @Task
    public List<String> words(String text) {
        return List.of(text.split(" "));
    }

    @Task
    public int length(String word) {
        return word.length();
    }

    @Task
    public int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sum();
    }

    @Task
    public String report(List<String> words, int letters) {
        return words.size() + " words with " + letters + " letters";
    }

    public static void main(String[] args) throws Exception {
        Workflow<String> count = workflow("count", w -> {
            Step<List<String>> words = w.step(call(StepsThatFollow::words, "time and tide wait"));
            Step<Integer> letters = w.step(StepsThatFollow::sum, w.map(StepsThatFollow::length, words));
            return w.step(StepsThatFollow::report, words, letters);
        });

        try (TaskQueue queue = TaskQueue.builder().tasks(new StepsThatFollow()).start()) {
            System.out.println(queue.start(count).await(Duration.ofSeconds(10))); // prints: 4 words with 15 letters
        }
    }
}
