package io.tidemill.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Fill;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkerCommand;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptTexts;
import io.tidemill.task.Unique;
import io.tidemill.text.JobIds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * For each script that changes something: a queue in a state where it has something to do, and a call of it with
 * arguments spelled by hand, so that the same call can be sent again and again. Long, because it is one list, which
 * every test of all scripts goes through.
 */
enum Scenario {
    ENQUEUE(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.jobs("old");
            // A plain one, one of another priority, a delayed one and one that is there already.
            return play.call(
                    List.of("new1", "new2", "new3", "old"),
                    "0",
                    "1",
                    "",
                    "2",
                    "0",
                    "",
                    "0",
                    "0",
                    "",
                    "A-4000000000000nbody1",
                    "",
                    "A-7000000000000nbody2",
                    "",
                    "A-4000000000000nbody3",
                    "60000 0",
                    "A-4000000000000nbody4",
                    "");
        }
    },
    ENQUEUE_FRESH(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.jobs("old");
            return play.call(
                    List.of("new1", "new2"), "0", "1", "", "1", "1", "", "0", "0", "", Play.RECORD, Play.RECORD);
        }
    },
    /** One of the two is handed to a worker that is full then; the other is for those who wait. */
    ENQUEUE_HANDED(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.claim(play.queue, new ClaimRequest("w1", "before", 1, 60_000)));
            return play.call(
                    List.of("new1", "new2"),
                    "0",
                    "1",
                    "w1",
                    "1",
                    "1",
                    "w1:1",
                    "1",
                    "60000",
                    "w1",
                    Play.RECORD,
                    Play.RECORD);
        }
    },
    CLAIM_PLAIN(Script.CLAIM) {
        @Override
        Call prepare(Play play) {
            play.jobs("one", "two", "three");
            return play.call(List.of(), "0", "w1", "w1:1", "3", "60000");
        }
    },
    COMPLETE_PLAIN(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.running("done1", "kept");
            play.jobs("done2");
            play.runningFor(600_000, "other");
            play.jobs("one", "two");
            return play.call(
                    List.of("done1", "done2"),
                    "0",
                    "1",
                    "w1",
                    "w1:1",
                    "5",
                    "60000",
                    "",
                    "",
                    "2",
                    "held",
                    "1",
                    "other",
                    "1",
                    "2",
                    "60000",
                    "result");
        }
    },
    ENQUEUE_FLOWS(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.running("busy");
            play.unique("ready", "a", 0);
            play.unique("delayed", "b", 60_000);
            play.unique("kept", "c", 60_000);
            play.get(play.broker.lookUp().find(play.queue, "ready", true));
            play.probe.redis().set(RedisProbe.key(play.queue, "unique:stray"), "gone");
            // In the place of a ready and of a delayed one, rescheduled, in a window, twice in one call, held, and a
            // lock without a job.
            return play.call(
                    List.of("new1", "new2", "new3", "new4", "new5", "new6", "new7", "new8"),
                    "0",
                    "1",
                    "",
                    "3",
                    "0",
                    "",
                    "0",
                    "0",
                    "",
                    "A-4000000000000nbody1",
                    "",
                    "cp uda x60000",
                    "A-4000000000000nbody2",
                    "60000 0",
                    "cp udb",
                    "A-4000000000000nbody3",
                    "120000 0",
                    "cr udc",
                    "A-4000000000000nbody4",
                    "",
                    "w60000 uwd ggroup",
                    "A-7000000000000nbody5",
                    "",
                    "use",
                    "A-7000000000000nbody6",
                    "",
                    "cp use",
                    "A-4000000000000nbody7",
                    "",
                    "uda",
                    "A-4000000000000nbody8",
                    "",
                    "udstray");
        }
    },
    CLAIM_FLOWS(Script.CLAIM) {
        @Override
        Call prepare(Play play) {
            play.flows();
            return play.call(List.of(), "0", "w1", "w1:1", "10", "60000");
        }
    },
    COMPLETE_FLOWS(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.unique("done1", "d1", 0);
            play.jobs("done2");
            play.runningFor(600_000, "held");
            play.flows();
            return play.call(
                    List.of("done1", "done2"), "0", "1", "w1", "w1:1", "10", "60000", "1", "", "1", "held", "2");
        }
    },
    FAIL_FLOWS(Script.FAIL) {
        @Override
        Call prepare(Play play) {
            play.unique("dead", "a", 0);
            play.unique("cancelled", "b", 0);
            play.unique("retry", "c", 0);
            play.runningFor(600_000, "held");
            return play.call(
                    List.of("dead", "cancelled", "retry"),
                    "0",
                    "1",
                    "held",
                    "d",
                    "0",
                    "why",
                    "held",
                    "c",
                    "0",
                    "",
                    "held",
                    "r",
                    "60000",
                    "why");
        }
    },
    RELEASE_FLOWS(Script.RELEASE) {
        @Override
        Call prepare(Play play) {
            play.unique("cancelled", "a", 0);
            play.unique("front", "b", 0);
            play.runningFor(600_000, "held");
            play.get(play.broker.cancellation().cancel(play.queue, "cancelled"));
            return play.call(List.of("cancelled", "front"), "0", "1", "held", "0", "held", "0");
        }
    },
    RECOVER_FLOWS(Script.RECOVER) {
        @Override
        Call prepare(Play play) {
            play.unique("again", "a", 0);
            play.unique("worn", "b", 0);
            play.runningFor(1, "held");
            play.probe.redis().setrange(RedisProbe.key(play.queue, "job:worn"), 7, "003");
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "100", "3", "why");
        }
    },
    CANCEL_FLOWS(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue,
                    List.of(NewJob.now("one", Play.BODY, 4)
                            .with(new JobConstraints(Unique.untilDone("a"), null, 60_000)))));
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    EXPIRE(Script.EXPIRE) {
        @Override
        Call prepare(Play play) {
            play.late("late1", Unique.untilDone("a"), 0);
            play.late("late2", Unique.within("b", java.time.Duration.ofMinutes(1)), 60_000);
            play.get(play.broker.lookUp().find(play.queue, "late1", true));
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "100");
        }
    },
    CLAIM(Script.CLAIM) {
        @Override
        Call prepare(Play play) {
            play.everyKindReady();
            return play.call(List.of(), "0", "w1", "w1:1", "10", "60000");
        }
    },
    COMPLETE(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.running("done1", "done2");
            play.everyKindReady();
            return play.call(
                    List.of("done1", "done2"),
                    "0",
                    "1",
                    "w1",
                    "w1:1",
                    "10",
                    "60000",
                    "",
                    "",
                    "1",
                    "held",
                    "2",
                    "1",
                    "60000",
                    "result");
        }
    },
    COMPLETE_ONLY(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.running("done1", "done2", "kept");
            return play.call(
                    List.of("done1", "done2"),
                    "0",
                    "1",
                    "",
                    "",
                    "0",
                    "0",
                    "",
                    "",
                    "1",
                    "held",
                    "2",
                    "2",
                    "60000",
                    "result");
        }
    },
    /** One of those that were kept before is forgotten, as the queue keeps two. */
    COMPLETE_KEPT(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.kept("before", "longer");
            play.running("done1", "done2");
            play.jobs("next");
            return play.call(
                    List.of("done1", "done2"),
                    "0",
                    "1",
                    "w1",
                    "w1:1",
                    "10",
                    "60000",
                    "",
                    "2 1:90000:5",
                    "1",
                    "held",
                    "2",
                    "1",
                    "60000",
                    "result");
        }
    },
    DELETE_KEPT(Script.DELETE) {
        @Override
        Call prepare(Play play) {
            play.kept("one");
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    FAIL(Script.FAIL) {
        @Override
        Call prepare(Play play) {
            play.running("retry", "dead", "cancelled", "kept");
            return play.call(
                    List.of("retry", "dead", "cancelled"),
                    "0",
                    "1",
                    "held",
                    "r",
                    "60000",
                    "why",
                    "held",
                    "d",
                    "0",
                    "why",
                    "held",
                    "c",
                    "0",
                    "");
        }
    },
    RELEASE(Script.RELEASE) {
        @Override
        Call prepare(Play play) {
            play.running("front", "later");
            return play.call(List.of("front", "later"), "0", "1", "held", "0", "held", "60000");
        }
    },
    EXTEND(Script.EXTEND) {
        @Override
        Call prepare(Play play) {
            play.running("one");
            play.get(play.broker.cancellation().cancel(play.queue, "one"));
            return play.call(List.of(), "0", "600000", "held", "unknown");
        }
    },
    PROMOTE(Script.PROMOTE) {
        @Override
        Call prepare(Play play) {
            play.due("due1", 4);
            play.due("due2", 8);
            return play.call(List.of(), "0", "100");
        }
    },
    RECOVER(Script.RECOVER) {
        @Override
        Call prepare(Play play) {
            play.jobs("again", "worn");
            play.runningFor(1, "held");
            play.probe.redis().setrange(RedisProbe.key(play.queue, "job:worn"), 7, "003");
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "100", "3", "why");
        }
    },
    CLAIM_LIMITED(Script.CLAIM) {
        @Override
        Call prepare(Play play) {
            play.limit(LimitScope.QUEUE, Limit.rate(100, Duration.ofMinutes(1)).burst(50), Limit.concurrency(20));
            play.limit(LimitScope.GROUPS, Limit.rate(1, Duration.ofHours(1)));
            play.limit(LimitScope.group("b"), Limit.concurrency(1));
            play.jobs("plain1", "plain2");
            play.grouped("a", "a1", "a2");
            play.grouped("b", "b1", "b2");
            play.grouped("c", "c1");
            play.grouped("parked", "p1", "p2");
            play.park("parked", "1");
            play.grouped("later", "l1");
            play.park("later", "9999999999999");
            return play.call(List.of(), "0", "w1", "w1:1", "10", "60000");
        }
    },
    COMPLETE_LIMITED(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.blocked();
            return play.call(
                    List.of("a1", "plain", "b1"), "0", "1", "w1", "w1:1", "10", "60000", "1,3", "", "1", "held", "3");
        }
    },
    FAIL_LIMITED(Script.FAIL) {
        @Override
        Call prepare(Play play) {
            play.blocked();
            return play.call(List.of("a1", "plain"), "0", "1", "held", "r", "60000", "why", "held", "d", "0", "why");
        }
    },
    RELEASE_LIMITED(Script.RELEASE) {
        @Override
        Call prepare(Play play) {
            play.blocked();
            return play.call(List.of("a1", "b1", "plain"), "0", "1", "held", "0", "held", "0", "held", "60000");
        }
    },
    RECOVER_LIMITED(Script.RECOVER) {
        @Override
        Call prepare(Play play) {
            play.blocked();
            play.probe.redis().zadd(RedisProbe.key(play.queue, "leases"), 1.0, "held");
            return play.call(List.of(), "0", "100", "3", "why");
        }
    },
    PROMOTE_PARKED(Script.PROMOTE) {
        @Override
        Call prepare(Play play) {
            play.grouped("parked", "p1");
            play.park("parked", "1");
            play.grouped("later", "l1");
            play.park("later", "9999999999999");
            return play.call(List.of(), "0", "100");
        }
    },
    FAIL_IN_ORDER(Script.FAIL) {
        @Override
        Call prepare(Play play) {
            play.oneOfTwoInOrder();
            return play.call(List.of("a1"), "0", "1", "held", "r", "60000", "why");
        }
    },
    RELEASE_IN_ORDER(Script.RELEASE) {
        @Override
        Call prepare(Play play) {
            play.oneOfTwoInOrder();
            return play.call(List.of("a1"), "0", "1", "held", "60000");
        }
    },
    CLAIM_IN_ORDER(Script.CLAIM) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            play.isDue("a1");
            return play.call(List.of(), "0", "w1", "w1:1", "10", "60000");
        }
    },
    COMPLETE_IN_ORDER(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            play.isDue("a1");
            return play.call(List.of("other"), "0", "1", "w1", "w1:1", "5", "60000", "", "", "1", "held", "1");
        }
    },
    PROMOTE_IN_ORDER(Script.PROMOTE) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            play.isDue("a1");
            return play.call(List.of(), "0", "100");
        }
    },
    CANCEL_IN_ORDER(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            return play.call(List.of("a1"), "0", "1", "a1");
        }
    },
    DELETE_IN_ORDER(Script.DELETE) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            return play.call(List.of("a1"), "0", "1", "a1");
        }
    },
    PURGE_IN_ORDER(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            return play.call(List.of(), "0", "1", "SCHEDULED", "10");
        }
    },
    RESCHEDULE_IN_ORDER(Script.RESCHEDULE) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            return play.call(List.of("a1"), "0", "1", "a1", "0", "0", "");
        }
    },
    ENQUEUE_IN_ORDER(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.retriedInOrder();
            return play.call(List.of("new"), "0", "1", "", "3", "0", "", "0", "0", "", Play.RECORD, "", "cp udkey ga");
        }
    },
    LIMIT_QUEUE(Script.LIMIT) {
        @Override
        Call prepare(Play play) {
            play.running("one", "two");
            play.grouped("parked", "p1");
            play.park("parked", "9999999999999");
            return play.call(List.of(), "0", "queue", "r10/1000/5 c2", "1", "");
        }
    },
    LIMIT_REMOVED(Script.LIMIT) {
        @Override
        Call prepare(Play play) {
            play.blocked();
            return play.call(List.of(), "0", "queue", "", "1", "");
        }
    },
    LIMIT_COUNTS(Script.LIMIT) {
        @Override
        Call prepare(Play play) {
            play.running("one", "two");
            play.probe.redis().hset(RedisProbe.key(play.queue, "limits"), "queue", "r10/1000/5 k1");
            return play.call(List.of(), "0", "queue", "c2", "1", "k0");
        }
    },
    LIMIT_GROUPS(Script.LIMIT) {
        @Override
        Call prepare(Play play) {
            play.oneOfTwo();
            return play.call(List.of(), "0", "groups", "c2", "1", "");
        }
    },
    LIMIT_GROUP(Script.LIMIT) {
        @Override
        Call prepare(Play play) {
            play.oneOfTwo();
            return play.call(List.of(), "0", "group:a", "c2", "1", "");
        }
    },
    LIMIT_REVIEWS(Script.LIMIT) {
        @Override
        Call prepare(Play play) {
            play.oneOfTwo();
            play.probe.redis().set(RedisProbe.key(play.queue, "review"), "1");
            return play.call(List.of(), "0", "groups", "c1", "1", "r0");
        }
    },
    FIND(Script.FIND) {
        @Override
        Call prepare(Play play) {
            play.jobs("one");
            return play.call(List.of("one"), "0", "one", "1", "");
        }
    },
    CANCEL_READY(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.jobs("one", "two");
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    CANCEL_SCHEDULED(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue, List.of(NewJob.now("one", Play.BODY, 4).after(60_000))));
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    CANCEL_ACTIVE(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.running("one");
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    PAUSE(Script.PAUSE) {
        @Override
        Call prepare(Play play) {
            play.jobs("one");
            return play.call(List.of(), "0", "1");
        }
    },
    RESUME(Script.PAUSE) {
        @Override
        Call prepare(Play play) {
            play.jobs("one");
            play.get(play.broker.operations().pause(play.queue));
            play.runningFor(1, "in-vain");
            return play.call(List.of(), "0", "0");
        }
    },
    REDRIVE_PLAIN(Script.REDRIVE) {
        @Override
        Call prepare(Play play) {
            play.dead("one");
            return play.call(List.of("one"), "0", "1", "0");
        }
    },
    REDRIVE(Script.REDRIVE) {
        @Override
        Call prepare(Play play) {
            play.dead("plain", "later", "kept");
            play.get(play.broker.enqueue(play.queue, List.of(NewJob.now("high", Play.BODY, 9))));
            play.kill("high");
            return play.call(List.of("plain", "high", "later", "unknown"), "0", "1", "0", "0", "60000", "0");
        }
    },
    RESCHEDULE_NOW(Script.RESCHEDULE) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue,
                    List.of(
                            NewJob.now("one", Play.BODY, 7)
                                    .with(JobConstraints.NONE.withGroup("group"))
                                    .after(60_000),
                            NewJob.now("two", Play.BODY, 4).after(60_000))));
            return play.call(List.of("one"), "0", "1", "one", "0", "0", "");
        }
    },
    RESCHEDULE_LATER(Script.RESCHEDULE) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue, List.of(NewJob.now("one", Play.BODY, 7).after(60_000))));
            return play.call(List.of("one"), "0", "1", "one", "120000", "0", "A-4000000000000nchanged");
        }
    },
    DELETE_READY(Script.DELETE) {
        @Override
        Call prepare(Play play) {
            play.jobs("one", "two");
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    DELETE_SCHEDULED(Script.DELETE) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue, List.of(NewJob.now("one", Play.BODY, 4).after(60_000))));
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    DELETE_DEAD(Script.DELETE) {
        @Override
        Call prepare(Play play) {
            play.dead("one");
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    DELETE_FLOWS(Script.DELETE) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue,
                    List.of(NewJob.now("one", Play.BODY, 4)
                            .with(new JobConstraints(Unique.untilDone("a"), null, 60_000)))));
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    REDRIVE_FLOWS(Script.REDRIVE) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.enqueue(
                    play.queue,
                    List.of(NewJob.now("one", Play.BODY, 7)
                            .with(new JobConstraints(Unique.untilStarted("a"), null, 60_000)))));
            play.kill("one");
            return play.call(List.of("one"), "0", "1", "0");
        }
    },
    REDRIVE_GROUPS(Script.REDRIVE) {
        @Override
        Call prepare(Play play) {
            JobConstraints constraints = new JobConstraints(null, "group", 0);
            play.get(play.broker.enqueue(
                    play.queue, List.of(NewJob.now("one", Play.BODY, 4).with(constraints))));
            play.kill("one");
            return play.call(List.of("one"), "0", "1", "0");
        }
    },
    PURGE_GROUPS(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            for (String id : List.of("a-1", "a-2", "b-1", "c-1", "c-2")) {
                JobConstraints constraints = new JobConstraints(null, id.substring(0, 1), 0);
                play.get(play.broker.enqueue(
                        play.queue, List.of(NewJob.now(id, Play.BODY, 4).with(constraints))));
            }
            play.limit(LimitScope.GROUPS, Limit.concurrency(1));
            play.runningFor(600_000, "w1");
            return play.call(List.of(), "0", "1", "READY", "2");
        }
    },
    PURGE_FLOWS(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            play.jobs("plain");
            play.get(play.broker.enqueue(
                    play.queue,
                    List.of(
                            NewJob.now("one", Play.BODY, 4)
                                    .with(new JobConstraints(Unique.untilDone("a"), null, 60_000)),
                            NewJob.now("two", Play.BODY, 4).with(new JobConstraints(null, "group", 60_000)),
                            NewJob.now("gone", Play.BODY, 4)
                                    .with(new JobConstraints(Unique.untilStarted("b"), null, 0)))));
            play.get(play.broker.cancellation().cancel(play.queue, "gone"));
            return play.call(List.of(), "0", "1", "READY", "10");
        }
    },
    PURGE_READY(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            play.everyKindReady();
            return play.call(List.of(), "0", "1", "READY", "4");
        }
    },
    PURGE_SCHEDULED(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            play.due("one", 4);
            play.due("two", 7);
            return play.call(List.of(), "0", "1", "SCHEDULED", "1");
        }
    },
    PURGE_DEAD(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            play.dead("one", "two");
            return play.call(List.of(), "0", "1", "DEAD", "10");
        }
    },
    PURGE_KEPT(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            play.kept("one", "two");
            return play.call(List.of(), "0", "1", "SUCCEEDED", "1");
        }
    },
    ERASE(Script.ERASE) {
        @Override
        Call prepare(Play play) {
            play.kept("kept1", "kept2");
            play.limit(LimitScope.QUEUE, Limit.concurrency(3), Limit.rate(1, Duration.ofHours(1)));
            play.running("one");
            play.get(play.broker.complete(play.queue, List.of(new Completion.Succeeded("one", "held", null, 0)), null));
            play.jobs("gone");
            play.get(play.broker.cancellation().cancel(play.queue, "gone"));
            play.get(play.broker.operations().pause(play.queue));
            return play.call(List.of(), "0", "1", "1");
        }
    },
    ERASE_RUNNING(Script.ERASE) {
        @Override
        Call prepare(Play play) {
            play.limit(LimitScope.QUEUE, Limit.concurrency(3));
            play.limit(LimitScope.GROUPS, Limit.concurrency(1));
            play.unique("one", "a", 0);
            play.grouped("a", "a1");
            play.running("plain");
            play.get(play.broker.lookUp().find(play.queue, "one", true));
            return play.call(List.of(), "0", "1", "1");
        }
    },
    TRIM(Script.TRIM) {
        @Override
        Call prepare(Play play) {
            play.dead("one", "two");
            return play.call(List.of(), "0", "1", "60000", "10");
        }
    },
    REGISTER(Script.REGISTER) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.operations().register(play.queue, "other", Play.BODY, 60_000));
            return play.call(List.of(), "0", "w1", "30000", "info");
        }
    },
    /**
     * Two steps of one schedule, one by a job that is there already, one by a job with a key, one that somebody else
     * has taken, one that was taken before, and one of a schedule that is gone.
     */
    ENQUEUE_FIRES(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.jobs("old");
            for (String name : List.of("s1", "s2", "s3", "s4", "s5")) {
                play.schedule(name, "r1", 1);
            }
            return play.call(
                    List.of("new1", "new2", "old", "new3", "new4", "new5", "new6", "new7"),
                    "0",
                    "1",
                    "",
                    "4",
                    "0",
                    "",
                    "0",
                    "0",
                    "",
                    "A-4000000000000nbody1",
                    "",
                    "",
                    "s1 r1 r2 9000000000000 second",
                    "A-7000000000000nbody2",
                    "60000 0",
                    "",
                    "s1 r2 r3 -1 third",
                    "A-4000000000000nbody3",
                    "",
                    "",
                    "s2 r1 r2 9000000000000 ",
                    "A-4000000000000nbody4",
                    "",
                    "udk ggroup x60000",
                    "s3 r1 r2 0 due",
                    "A-4000000000000nbody5",
                    "",
                    "",
                    "s4 r0 r2 1 stale",
                    "A-4000000000000nbody6",
                    "",
                    "",
                    "s5 r0 r1 1 before",
                    "A-4000000000000nbody7",
                    "",
                    "",
                    "s6 r1 r2 1 gone",
                    "A-4000000000000nbody8",
                    "",
                    "",
                    "");
        }
    },
    /** Nothing is stored but the schedule. */
    ENQUEUE_FIRES_KNOWN(Script.ENQUEUE) {
        @Override
        Call prepare(Play play) {
            play.jobs("old");
            play.schedule("s1", "r1", 1);
            return play.call(
                    List.of("old"),
                    "0",
                    "1",
                    "",
                    "4",
                    "0",
                    "",
                    "0",
                    "0",
                    "",
                    Play.RECORD,
                    "",
                    "",
                    "s1 r1 r2 9000000000000 x");
        }
    },
    TAKE(Script.TAKE) {
        @Override
        Call prepare(Play play) {
            play.schedule("due1", "r1", 1);
            play.schedule("due2", "r1", 2);
            play.schedule("later", "r1", 9_000_000_000_000L);
            play.schedule("never", "r1", -1);
            return play.call(List.of(), "0", "10", "60000");
        }
    },
    /** One whose content is gone does not stay among those that are due. */
    TAKE_STRAY(Script.TAKE) {
        @Override
        Call prepare(Play play) {
            play.schedule("due", "r1", 1);
            play.probe.redis().zadd(RedisProbe.key(play.queue, "schedules"), 1, "stray");
            return play.call(List.of(), "0", "10", "60000");
        }
    },
    SCHEDULE(Script.SCHEDULE) {
        @Override
        Call prepare(Play play) {
            play.schedule("s1", "r1", 1);
            play.schedule("s2", "r1", 1);
            play.schedule("s3", "r1", 1);
            return play.call(
                    List.of(),
                    "0",
                    "1",
                    "s1",
                    "r1",
                    "r2 9000000000000 x",
                    "s2",
                    "",
                    "r2 1 there",
                    "s3",
                    "r0",
                    "r2 1 stale",
                    "new",
                    "",
                    "r1 -1 ",
                    "new",
                    "r1",
                    "r2 1 again",
                    "none",
                    "r1",
                    "r2 1 gone");
        }
    },
    UNSCHEDULE(Script.UNSCHEDULE) {
        @Override
        Call prepare(Play play) {
            play.schedule("s1", "r1", 1);
            play.schedule("s2", "r1", 1);
            return play.call(List.of(), "0", "1", "s1", "r1");
        }
    },
    LEAVE(Script.REGISTER) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.operations().register(play.queue, "w1", Play.BODY, 60_000));
            return play.call(List.of(), "0", "w1", "0", "");
        }
    },
    ADD(Script.ADD) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.history().add(play.queue, HistoryCounts.of(Map.of(HistoryCounts.Count.DEAD, 7L))));
            return play.call(List.of(), "0", "1", "e1d2");
        }
    },
    NOTE(Script.NOTE) {
        @Override
        Call prepare(Play play) {
            play.jobs("one");
            play.runningFor(600_000, "w1:1");
            return play.call(List.of("one"), "0", "one", "1", "0", "what it has done");
        }
    },
    REPORT(Script.REPORT) {
        @Override
        Call prepare(Play play) {
            play.jobs("one");
            play.runningFor(600_000, "w1:1");
            return play.call(List.of("one"), "0", "one", "1700000000000", "1", "600000", "half of it");
        }
    },
    /** Ready, delayed, waiting, late to start, of a group, and one that is there already. */
    STORE(Script.STORE) {
        @Override
        Call prepare(Play play) {
            play.jobs("known");
            play.get(play.broker.claim(play.queue, new ClaimRequest("w1", "before", 5, 60_000)));
            return play.call(
                    List.of("one", "later", "waits", "late", "grouped", "known"),
                    "0",
                    "1",
                    "flow",
                    "",
                    "r1",
                    "r1 plan",
                    "0",
                    Play.RECORD,
                    Play.MEMBER,
                    "0 0 0 0",
                    Play.RECORD,
                    Play.MEMBER + " p",
                    "60000 0 0 1",
                    Play.RECORD,
                    Play.MEMBER + " p",
                    "0 0 60000 2",
                    Play.RECORD,
                    Play.MEMBER,
                    "0 0 60000 0",
                    Play.RECORD,
                    Play.MEMBER + " ga",
                    "0 0 0 0",
                    Play.RECORD,
                    Play.MEMBER,
                    "0 0 0 0");
        }
    },
    /** A workflow that had ended begins again; another is forgotten. */
    STORE_RECORD(Script.STORE) {
        @Override
        Call prepare(Play play) {
            play.flow("flow", 0);
            play.get(play.broker.workflows().end(play.queue, "flow", new WorkflowEnd(Play.BODY, 60_000)));
            // Last, as a write that comes after its time forgets it.
            play.flow("old", 1);
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(
                    List.of("one"),
                    "0",
                    "1",
                    "flow",
                    "r1!0ended",
                    "r2",
                    "r2 plan",
                    "60000",
                    Play.RECORD,
                    Play.MEMBER,
                    "0 0 0 0");
        }
    },
    FILL(Script.FILL) {
        @Override
        Call prepare(Play play) {
            play.step("waits", 2, 0);
            play.step("last", 1, 0);
            play.step("timed", 1, 60_000);
            play.step("counts", WorkflowJob.UNKNOWN, 0);
            return play.call(
                    List.of(), "0", "1", "waits", "1", "vone", "last", "0", "s", "timed", "0", "vtwo", "counts", "#",
                    "3");
        }
    },
    FOLLOW(Script.FOLLOW) {
        @Override
        Call prepare(Play play) {
            play.flow("flow", 0);
            play.get(play.broker.workflows().find(play.queue, "flow", true));
            play.step("waits", 1, 0);
            play.step("done1", 0, 0);
            play.step("done2", 1, 0);
            play.get(play.broker.workflows().fill(play.queue, List.of(new Fill(play.queue, "done2", 0, Play.BODY))));
            play.runningFor(600_000, "held");
            play.get(play.broker.lookUp().find(play.queue, "done1", true));
            return play.call(
                    List.of("done1", "done2"),
                    "0",
                    "1",
                    "5 1:60000:5",
                    "",
                    "",
                    "0",
                    "0",
                    "held",
                    "",
                    "60000",
                    "result",
                    "held",
                    "m" + play.queue + "/1/flow p",
                    "0",
                    "",
                    "1",
                    "j",
                    "next",
                    Play.RECORD,
                    "m" + play.queue + "/4/flow p",
                    "0 0 0 2",
                    "1",
                    "n",
                    "ready",
                    Play.STEP,
                    "1",
                    "f",
                    "waits",
                    "0",
                    "vvalue",
                    "2",
                    "o",
                    "f other job 0 s",
                    "2",
                    "w",
                    "60000",
                    "outcome");
        }
    },
    FOLLOW_AND_CLAIM(Script.FOLLOW) {
        @Override
        Call prepare(Play play) {
            play.step("waits", 1, 0);
            play.step("done1", 0, 0);
            play.runningFor(600_000, "held");
            play.step("before", 0, 0);
            return play.call(
                    List.of("done1"),
                    "0",
                    "1",
                    "",
                    "w1",
                    "w1:1",
                    "10",
                    "60000",
                    "held",
                    "m" + play.queue + "/1/flow",
                    "60000",
                    "result",
                    "1",
                    "n",
                    "next",
                    Play.STEP,
                    "1",
                    "f",
                    "waits",
                    "0",
                    "vvalue");
        }
    },
    END(Script.END) {
        @Override
        Call prepare(Play play) {
            play.flow("flow", 0);
            play.get(play.broker.workflows().find(play.queue, "flow", true));
            return play.call(List.of(), "0", "flow", "60000", "outcome");
        }
    },
    WORKFLOWS(Script.WORKFLOWS) {
        @Override
        Call prepare(Play play) {
            play.flow("flow", 0);
            return play.call(List.of(), "0", "flow", "1", "0", "1");
        }
    },
    STOP(Script.STOP) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.workflows().stop(play.queue, "over", 1));
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "flow", "60000");
        }
    },
    DELIVERED(Script.DELIVERED) {
        @Override
        Call prepare(Play play) {
            play.step("one", 1, 0);
            play.step("two", 1, 0);
            play.get(play.broker.cancellation().cancel(play.queue, "one"));
            play.get(play.broker.cancellation().cancel(play.queue, "two"));
            return play.call(List.of(), "0", "1", "7");
        }
    },
    CANCEL_WAITING(Script.CANCEL) {
        @Override
        Call prepare(Play play) {
            play.step("one", 1, 0);
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    DELETE_WAITING(Script.DELETE) {
        @Override
        Call prepare(Play play) {
            play.step("one", 1, 0);
            return play.call(List.of("one"), "0", "1", "one");
        }
    },
    PURGE_WAITING(Script.PURGE) {
        @Override
        Call prepare(Play play) {
            play.step("one", 1, 0);
            play.step("two", 2, 0);
            return play.call(List.of(), "0", "1", "WAITING", "1");
        }
    },
    TRIM_STEPS(Script.TRIM) {
        @Override
        Call prepare(Play play) {
            play.filled("one");
            play.kill("one");
            return play.call(List.of(), "0", "0", "60000", "10");
        }
    },
    EXPIRE_STEPS(Script.EXPIRE) {
        @Override
        Call prepare(Play play) {
            play.lateStep("waits", 1);
            play.lateStep("ready", 0);
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "100");
        }
    },
    CLAIM_STEPS(Script.CLAIM) {
        @Override
        Call prepare(Play play) {
            play.lateStep("late", 0);
            play.filled("one");
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "w1", "w1:1", "3", "60000");
        }
    },
    COMPLETE_STEPS(Script.COMPLETE) {
        @Override
        Call prepare(Play play) {
            play.filled("one");
            play.runningFor(600_000, "held");
            return play.call(List.of("one"), "0", "1", "", "", "0", "0", "1", "", "1", "held", "1");
        }
    },
    FAIL_STEPS(Script.FAIL) {
        @Override
        Call prepare(Play play) {
            play.filled("dead");
            play.filled("cancelled");
            play.runningFor(600_000, "held");
            return play.call(List.of("dead", "cancelled"), "0", "1", "held", "d", "0", "why", "held", "c", "0", "");
        }
    },
    RECOVER_STEPS(Script.RECOVER) {
        @Override
        Call prepare(Play play) {
            play.filled("one");
            play.runningFor(1, "held");
            play.probe.letPass(java.time.Duration.ofMillis(5));
            return play.call(List.of(), "0", "100", "0", "why");
        }
    },
    ERASE_STEPS(Script.ERASE) {
        @Override
        Call prepare(Play play) {
            play.flow("flow", 60_000);
            play.get(play.broker.workflows().stop(play.queue, "other", 60_000));
            play.filled("one");
            play.runningFor(600_000, "held");
            return play.call(List.of(), "0", "1", "1");
        }
    },
    COMMAND(Script.COMMAND) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.operations().register(play.queue, "w1", Play.BODY, 60_000));
            return play.call(List.of("c1"), "0", "c1", "w1", "60000", "what is asked");
        }
    },
    OBEY(Script.OBEY) {
        @Override
        Call prepare(Play play) {
            play.get(play.broker.operations().register(play.queue, "w1", Play.BODY, 60_000));
            play.get(play.broker.commands().command(play.queue, new WorkerCommand("c1", "w1", 60_000, Play.BODY)));
            return play.call(List.of("c1"), "0", "c1", "done");
        }
    };

    private final Script script;

    Scenario(Script script) {
        this.script = script;
    }

    abstract Call prepare(Play play);

    Script script() {
        return script;
    }

    boolean isNumbered() {
        return script.arguments().contains("number");
    }

    /** One call, with every key by its name in the enum. */
    record Call(Script script, List<String> keys, List<String> arguments) {

        Call with(int index, String argument) {
            List<String> changed = new ArrayList<>(arguments);
            changed.set(index, argument);
            return new Call(script, keys, changed);
        }
    }

    /** One queue and the means to set it up. */
    static final class Play {

        static final byte[] BODY = "body".getBytes(StandardCharsets.US_ASCII);
        static final String RECORD = "A-4000000000000nbody";
        static final String MEMBER = "mhome/3/flow";
        /** The record of a step. */
        static final String STEP = "B-4000000000000n0012" + MEMBER + "body";

        private static final JobIds IDS = new JobIds(System::currentTimeMillis);

        final String queue;
        final Broker broker;
        final RedisProbe probe;
        private final Script script;
        private final StatefulRedisConnection<byte[], byte[]> connection;

        Play(Script script, Broker broker, RedisProbe probe, StatefulRedisConnection<byte[], byte[]> connection) {
            this("script-" + IDS.next(), script, broker, probe, connection);
        }

        private Play(
                String queue,
                Script script,
                Broker broker,
                RedisProbe probe,
                StatefulRedisConnection<byte[], byte[]> connection) {
            this.queue = queue;
            this.script = script;
            this.broker = broker;
            this.probe = probe;
            this.connection = connection;
        }

        <V> V get(java.util.concurrent.CompletableFuture<V> future) {
            return future.orTimeout(30, TimeUnit.SECONDS).join();
        }

        void jobs(String... ids) {
            for (String id : ids) {
                get(broker.enqueue(queue, List.of(NewJob.now(id, BODY, 4))));
            }
        }

        /** Claims what is ready under the token "held". */
        List<Claim> runningFor(long leaseMillis, String token) {
            return get(broker.claim(queue, new ClaimRequest("w0", token, 100, leaseMillis)))
                    .claims();
        }

        void running(String... ids) {
            jobs(ids);
            runningFor(600_000, "held");
        }

        /** Jobs that succeeded and are kept, each longer than those before. */
        void kept(String... ids) {
            running(ids);
            long millis = 60_000;
            for (String id : ids) {
                Completion.Succeeded run = new Completion.Succeeded(id, "held", null, 0);
                get(broker.complete(queue, List.of(run.keeping(new Completion.Keep(millis++, 10, 0))), null));
            }
        }

        void flow(String id, long keepMillis) {
            WorkflowWrite write = new WorkflowWrite(null, new StoredWorkflow(id, "r1", BODY, keepMillis));
            get(broker.workflows().store(queue, write, List.of()));
        }

        /** A job of a workflow. */
        void step(String id, int places, long delayMillis) {
            step(NewJob.now(id, BODY, 4).after(delayMillis), places);
        }

        /** One that must have started within 1 ms. */
        void lateStep(String id, int places) {
            step(NewJob.now(id, BODY, 4).with(JobConstraints.NONE.withExpiresInMillis(1)), places);
        }

        private void step(NewJob job, int places) {
            get(broker.workflows()
                    .store(queue, null, List.of(new WorkflowJob(job, new WorkflowMember("flow", queue, 3), places))));
        }

        /** One whose place is filled. */
        void filled(String id) {
            step(id, 1, 0);
            get(broker.workflows().fill(queue, List.of(new Fill(queue, id, 0, BODY))));
        }

        void schedule(String name, String revision, long fireAt) {
            StoredSchedule schedule = new StoredSchedule(name, revision, fireAt, BODY);
            get(broker.schedules().write(queue, Optional.empty(), schedule));
        }

        void dead(String... ids) {
            jobs(ids);
            kill(ids);
        }

        /** Lets ready jobs die. */
        void kill(String... ids) {
            runningFor(600_000, "killer");
            for (String id : ids) {
                get(broker.fail(queue, List.of(new Completion.Dead(id, "killer", BODY))));
            }
        }

        /** A job whose time has come, without waiting for it. */
        void due(String id, int priority) {
            get(broker.enqueue(queue, List.of(NewJob.now(id, BODY, priority).after(60_000))));
            probe.redis().zadd(RedisProbe.key(queue, "delayed"), 1.0, id);
        }

        /** A job that holds a key until it is done, and runs after so many ms. */
        void unique(String id, String key, long delayMillis) {
            NewJob job = NewJob.now(id, BODY, 4).after(delayMillis);
            get(broker.enqueue(queue, List.of(job.with(JobConstraints.NONE.withUnique(Unique.untilDone(key))))));
        }

        /** A job that must have started within 1 ms. */
        void late(String id, Unique unique, long delayMillis) {
            NewJob job = NewJob.now(id, BODY, 4).after(delayMillis);
            get(broker.enqueue(queue, List.of(job.with(new JobConstraints(unique, null, 1)))));
        }

        /** Late, to start in time, and unique until it starts. */
        void flows() {
            late("late", Unique.untilDone("late"), 0);
            jobs("plain");
            get(broker.enqueue(
                    queue,
                    List.of(NewJob.now("starts", BODY, 4)
                            .with(new JobConstraints(Unique.untilStarted("starts"), "group", 60_000)))));
            probe.letPass(java.time.Duration.ofMillis(5));
        }

        void grouped(String group, String... ids) {
            for (String id : ids) {
                get(broker.enqueue(queue, List.of(NewJob.now(id, BODY, 4).with(JobConstraints.NONE.withGroup(group)))));
            }
        }

        void limit(LimitScope scope, Limit... limits) {
            get(broker.limits().limit(queue, scope, Limits.of(List.of(limits))));
        }

        /** Takes a group out of the turns, until this time. */
        void park(String group, String until) {
            probe.redis().lrem(RedisProbe.key(queue, "turns"), 1, group);
            probe.redis()
                    .zadd(
                            RedisProbe.key(queue, "parked"),
                            Double.parseDouble(until.replace("+inf", "Infinity")),
                            group);
        }

        /** Of group a one job runs and the other waits for it. */
        void oneOfTwo() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            grouped("a", "a1", "a2");
            runningFor(600_000, "held");
        }

        /** As {@link #oneOfTwo}, where the group and the queue run in order; the one that runs has a unique key. */
        void oneOfTwoInOrder() {
            limit(LimitScope.QUEUE, Limit.inOrder());
            limit(LimitScope.GROUPS, Limit.inOrder());
            JobConstraints constraints = JobConstraints.NONE.withGroup("a").withUnique(Unique.untilDone("key"));
            get(broker.enqueue(queue, List.of(NewJob.now("a1", BODY, 4).with(constraints))));
            grouped("a", "a2");
            runningFor(600_000, "held");
        }

        /** The one that ran waits to be tried again, and the other for it. */
        void retriedInOrder() {
            oneOfTwoInOrder();
            get(broker.fail(queue, List.of(new Completion.Retry("a1", "held", 60_000, BODY))));
            runningFor(600_000, "held");
        }

        /** Lets the time of a delayed job have come. */
        void isDue(String id) {
            probe.redis().zadd(RedisProbe.key(queue, "delayed"), 1.0, id);
        }

        /** Jobs a1, b1 and plain run; a2 and a3 wait for a1, and the queue is full. */
        void blocked() {
            limit(LimitScope.QUEUE, Limit.concurrency(3));
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            grouped("a", "a1", "a2", "a3");
            grouped("b", "b1");
            running("plain");
            jobs("waiting");
        }

        /** Plain, prioritised, due, cancelled, and one whose record is missing. */
        void everyKindReady() {
            jobs("plain", "gone", "missing");
            get(broker.enqueue(queue, List.of(NewJob.now("high", BODY, 9), NewJob.now("low", BODY, 0))));
            due("due", 6);
            get(broker.cancellation().cancel(queue, "gone"));
            probe.redis().del(RedisProbe.key(queue, "job:missing"));
        }

        Call call(List<String> ids, String... arguments) {
            List<String> keys = new ArrayList<>();
            for (String name : script.keys()) {
                switch (name) {
                    case "job.." -> ids.forEach(id -> keys.add(RedisProbe.key(queue, "job:" + id)));
                    case "job" -> keys.add(RedisProbe.key(queue, "job:" + ids.get(0)));
                    case "places" -> keys.add(RedisProbe.key(queue, "places:" + ids.get(0)));
                    case "told" -> keys.add(RedisProbe.key(queue, "told:" + ids.get(0)));
                    case "result" -> keys.add(RedisProbe.key(queue, "result:" + ids.get(0)));
                    case "progress" -> keys.add(RedisProbe.key(queue, "progress:" + ids.get(0)));
                    case "lease" -> keys.add(RedisProbe.key(queue, "lease:w1:1"));
                    case "commands" -> keys.add(RedisProbe.key(queue, "commands:w1"));
                    case "reply", "reply.." -> keys.add(RedisProbe.key(queue, "reply:" + ids.get(0)));
                    case "worker" -> keys.add(RedisProbe.key(queue, "worker:w1"));
                    case "taken" -> keys.add(RedisProbe.key(queue, "taken:w1"));
                    case "request" -> keys.add(text(new Keyspace("tm", queue).request("test", script.hop())));
                    default -> keys.add(RedisProbe.key(queue, name));
                }
            }
            return new Call(script, keys, List.of(arguments));
        }

        Script script() {
            return script;
        }

        /** The same queue, over another connection. */
        Play over(StatefulRedisConnection<byte[], byte[]> other) {
            return new Play(queue, script, broker, probe, other);
        }

        /** Sends it; the reply without the server's time. */
        List<Object> send(Call call) {
            List<Object> reply =
                    get(ScriptTexts.run(connection, call.script(), bytes(call.keys()), bytes(call.arguments()))
                            .toCompletableFuture());
            List<Object> parts = new ArrayList<>();
            for (int i = 0; i < reply.size(); i++) {
                if (i != 1) {
                    parts.add(readable(reply.get(i)));
                }
            }
            return parts;
        }

        private static Object readable(Object part) {
            if (part instanceof List<?> list) {
                List<Object> parts = new ArrayList<>();
                list.forEach(one -> parts.add(readable(one)));
                return parts;
            }
            return part instanceof byte[] bytes ? text(bytes) : part;
        }

        private static String text(byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        static byte[][] bytes(List<String> texts) {
            return texts.stream()
                    .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                    .toArray(byte[][]::new);
        }
    }
}
