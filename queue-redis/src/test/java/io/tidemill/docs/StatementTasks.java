package io.tidemill.docs;

import io.tidemill.task.Task;

// region: group-task
public class StatementTasks {

    @Task(queue = "statements", group = "customer:{0}")
    public void writeStatement(long customer, String month) {}
}
// endregion
