package io.tidemill.examples.engreene.outside;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.tidemill.task.TaskSignal;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;

/**
 * A circuit breaker around an outside service, for calls that jobs make. It opens when at least half of the last
 * {@value #WINDOW} calls could not be made, of {@value #LEAST} at least; then no call is made for a while, and then
 * {@value #TRIALS} are, to see. Only an {@link IOException} counts: a service that refuses a request is not down.
 *
 * <p>A job that meets an open circuit breaker runs again after the pause, and spends no attempt; nor does one whose
 * call failed while the service was known to be down. So an outage of any length costs the attempts that found it out,
 * three together, and no job is given up because of it.
 *
 * <p>One per process and service: processes find out for themselves. Thread-safe.
 */
public final class Breaker {

    /** How long no call is made, in production. */
    public static final Duration PAUSE = Duration.ofSeconds(30);

    private static final int WINDOW = 8;
    private static final int LEAST = 4;
    private static final int TRIALS = 2;
    private static final int HALF = 50;
    /** The circuit breaker lets calls through after the pause, not at its end. */
    private static final Duration MOMENT = Duration.ofMillis(1);

    private final CircuitBreaker breaker;
    private final Duration pause;
    private final LongAdder opened = new LongAdder();

    private final LongAdder refused = new LongAdder();

    /**
     * A closed one.
     *
     * @param service what it is called in statistics
     * @param pause how long no call is made once it is open
     * @param clock says when that is over
     */
    public Breaker(String service, Duration pause, Clock clock) {
        this.pause = pause;
        this.breaker = CircuitBreaker.of(
                service,
                CircuitBreakerConfig.custom()
                        .slidingWindow(WINDOW, LEAST, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold(HALF)
                        .permittedNumberOfCallsInHalfOpenState(TRIALS)
                        .waitDurationInOpenState(pause)
                        .recordException(IOException.class::isInstance)
                        .clock(clock)
                        .build());
        breaker.getEventPublisher().onStateTransition(event -> {
            if (event.getStateTransition().getToState() == CircuitBreaker.State.OPEN) {
                opened.increment();
            }
        });
    }

    /**
     * Makes a call, unless the service is known to be down.
     *
     * @throws TaskSignal.Snooze if it is, before the call or after it: the job is to run again when that may be over
     * @throws Exception what the call throws
     */
    public <R> R call(Callable<R> call) throws Exception {
        try {
            return breaker.executeCallable(call);
        } catch (CallNotPermittedException e) {
            refused.increment();
            throw new TaskSignal.Snooze(pause.plus(MOMENT));
        } catch (IOException e) {
            if (breaker.getState() == CircuitBreaker.State.CLOSED) {
                throw e;
            }
            throw new TaskSignal.Snooze(pause.plus(MOMENT));
        }
    }

    /** How it is. */
    public BreakerStats stats() {
        return new BreakerStats(
                breaker.getState().name(), breaker.getMetrics().getNumberOfFailedCalls(), opened.sum(), refused.sum());
    }
}
