package io.tidemill.client;

import io.tidemill.broker.NewJob;
import java.lang.reflect.Type;

/**
 * A call, ready to be sent.
 *
 * @param queue where it goes
 * @param task the task's name
 * @param job what is stored
 * @param resultType how to read what it returns
 * @param keepsResult whether it is known to keep a result when it ends well
 */
record PreparedJob(String queue, String task, NewJob job, Type resultType, boolean keepsResult) {}
