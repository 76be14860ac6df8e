package io.tidemill.conformance.fault;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Says which requests meet which fault.
 *
 * <p>Thread-safe.
 */
@FunctionalInterface
public interface FaultPlan {

    /** No faults. */
    FaultPlan NONE = name -> Fault.NONE;

    /**
     * The fault that this request is to meet; asked once per request.
     *
     * @param name the script's name, or the command in upper case if the proxy does not know the script
     */
    Fault next(String name);

    /** The first request of this name meets the fault, all others none. */
    static FaultPlan first(String name, Fault fault) {
        AtomicBoolean isDone = new AtomicBoolean();
        return request -> request.equals(name) && isDone.compareAndSet(false, true) ? fault : Fault.NONE;
    }
}
