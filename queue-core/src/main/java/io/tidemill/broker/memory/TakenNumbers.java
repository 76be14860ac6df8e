package io.tidemill.broker.memory;

/**
 * Which claims of one worker have come, by their numbers. Claims may overtake one another, so those just below the
 * highest are remembered one by one. What is further below counts as taken: it came so long after others that it is not
 * known any more.
 */
final class TakenNumbers {

    private static final int NUMBERS = 48;

    private long highest;
    /** A bit for each number below the highest, the nearest first: whether it has come. */
    private long others;

    boolean isTaken(long number) {
        long below = highest - number;
        return below == 0 || below > NUMBERS || (below > 0 && (others >> (below - 1) & 1) == 1);
    }

    void take(long number) {
        long above = number - highest;
        if (above > NUMBERS) {
            others = 0;
        } else if (above > 0) {
            others = (others << above | 1L << (above - 1)) & (1L << NUMBERS) - 1;
        } else if (!isTaken(number)) {
            others |= 1L << (-above - 1);
        }
        highest = Math.max(highest, number);
    }
}
