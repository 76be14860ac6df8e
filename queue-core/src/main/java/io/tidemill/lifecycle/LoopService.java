package io.tidemill.lifecycle;

/** A {@link Service} whose work is done by one {@link Loop}: it starts and stops with it. */
public interface LoopService extends Service {

    /** The thread that does the work. */
    Loop loop();

    @Override
    default void start() {
        loop().start();
    }

    @Override
    default void stop() {
        loop().stop();
    }
}
