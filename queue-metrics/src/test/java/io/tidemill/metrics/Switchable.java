package io.tidemill.metrics;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Lists;
import io.tidemill.task.BrokerException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A broker whose answers about queues can be counted, and taken away. */
final class Switchable {

    enum Answers {
        COME,
        FAIL,
        NEVER_COME
    }

    final AtomicInteger asked = new AtomicInteger();
    volatile Answers lists = Answers.COME;
    volatile boolean refusesJobs;
    volatile boolean losesAnswers;

    Broker around(Broker broker) {
        return proxy(Broker.class, broker);
    }

    private <T> T proxy(Class<T> type, T inner) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (type == Lists.class) {
                        asked.incrementAndGet();
                        if (lists != Answers.COME) {
                            return lists == Answers.FAIL
                                    ? CompletableFuture.failedFuture(refused())
                                    : new CompletableFuture<>();
                        }
                    }
                    if (method.getName().equals("enqueue") && (refusesJobs || losesAnswers)) {
                        return CompletableFuture.failedFuture(refusesJobs ? refused() : lost());
                    }
                    try {
                        Object answer = method.invoke(inner, arguments);
                        return answer instanceof Lists lists ? proxy(Lists.class, lists) : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private static BrokerException lost() {
        return new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null);
    }

    private static BrokerException refused() {
        return new BrokerException(BrokerException.Outcome.REFUSED, "switched off", null);
    }
}
