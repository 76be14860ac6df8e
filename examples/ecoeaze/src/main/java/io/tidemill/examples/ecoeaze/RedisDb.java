package io.tidemill.examples.ecoeaze;

/** Which of Redis' numbered databases holds what. */
public enum RedisDb {
    BROKER(0),
    RESULTS(1),
    NOTIFICATIONS(2),
    ANALYTICS(3),
    INVENTORY(4),
    IMAGES(5);

    private final int number;

    RedisDb(int number) {
        this.number = number;
    }

    /** The database's number. */
    public int number() {
        return number;
    }
}
