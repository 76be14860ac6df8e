package io.tidemill.conformance.fault;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Faults at random, at a rate for each name. The seed and the number of the request among those of its name decide, so
 * the hundredth {@code complete} meets the same fault in every run with the same seed, whatever happens beside it. At a
 * rate of one in n the first n requests hold a fault and so do any 2n - 1.
 *
 * <p>The kinds come in turns. Each name meets the first kind first. It then goes on with another kind than the name
 * before it in the alphabet: so all kinds come early as long as there are as many names as kinds, even if each name
 * meets few faults.
 *
 * <p>Thread-safe.
 */
public final class RandomFaults implements FaultPlan {

    private final long seed;
    private final List<Fault> kinds;
    private final Map<String, Integer> rates;
    private final Map<String, Dice> dice = new ConcurrentHashMap<>();

    /**
     * A plan.
     *
     * @param seed where the randomness begins
     * @param kinds the faults to choose from, at least one; what every name should meet comes first
     * @param rates for each name, one in how many requests meets a fault on average, 1 or more; names that are not here
     *     meet none
     */
    public RandomFaults(long seed, List<Fault> kinds, Map<String, Integer> rates) {
        this.seed = seed;
        this.kinds = List.copyOf(kinds);
        this.rates = Map.copyOf(rates);
    }

    @Override
    public Fault next(String name) {
        Integer rate = rates.get(name);
        return rate == null
                ? Fault.NONE
                : dice.computeIfAbsent(name, n -> new Dice(n, rate)).roll(rate);
    }

    private final class Dice {

        private final ReentrantLock lock = new ReentrantLock();
        private final SplittableRandom random;
        private final int place;
        private int turn;
        private int left;

        Dice(String name, int rate) {
            random = new SplittableRandom(seed * 31 + name.hashCode());
            place = (int) rates.keySet().stream()
                    .filter(other -> other.compareTo(name) < 0)
                    .count();
            left = random.nextInt(rate);
        }

        Fault roll(int rate) {
            lock.lock();
            try {
                if (left-- > 0) {
                    return Fault.NONE;
                }
                left = random.nextInt(2 * rate - 1);
                Fault kind = turn == 0 ? kinds.get(0) : kinds.get((turn + place) % kinds.size());
                turn++;
                return kind;
            } finally {
                lock.unlock();
            }
        }
    }
}
