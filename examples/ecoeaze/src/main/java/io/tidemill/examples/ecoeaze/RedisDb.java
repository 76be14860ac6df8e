package io.tidemill.examples.ecoeaze;

/** Which of Redis' numbered databases holds what. The constants stand in the order of their numbers. */
public enum RedisDb {
    BROKER,
    RESULTS,
    NOTIFICATIONS,
    ANALYTICS,
    INVENTORY,
    IMAGES;

    /** The database's number, 0 to 5. */
    public int number() {
        return ordinal();
    }
}
