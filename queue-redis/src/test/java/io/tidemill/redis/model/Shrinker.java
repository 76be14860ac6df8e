package io.tidemill.redis.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a failing sequence as short as it can: delta debugging, then simpler operations in the place of others. */
final class Shrinker {

    private final Predicate<List<Operation>> fails;

    /** The predicate says whether a sequence still fails. */
    Shrinker(Predicate<List<Operation>> fails) {
        this.fails = fails;
    }

    /** A sequence that fails, and of which no single operation can be left out or made simpler. */
    List<Operation> shrink(List<Operation> failing) {
        List<Operation> best = failing;
        List<Operation> before;
        do {
            before = best;
            best = simplified(shortened(best));
        } while (!best.equals(before));
        return best;
    }

    /** Leaves out ever smaller pieces, from the end: what comes late matters least for what comes before it. */
    private List<Operation> shortened(List<Operation> failing) {
        List<Operation> best = failing;
        for (int piece = Math.max(1, failing.size() / 2); piece >= 1; piece /= 2) {
            for (int from = best.size() - piece; from > -piece; from -= piece) {
                int start = Math.max(0, from);
                int end = Math.min(best.size(), from + piece);
                List<Operation> shorter = new ArrayList<>(best);
                shorter.subList(start, Math.max(start, end)).clear();
                if (shorter.size() < best.size() && fails.test(shorter)) {
                    best = List.copyOf(shorter);
                }
            }
        }
        return best;
    }

    private List<Operation> simplified(List<Operation> failing) {
        List<Operation> best = failing;
        for (int i = 0; i < best.size(); i++) {
            for (boolean again = true; again; ) {
                again = false;
                for (Operation simpler : best.get(i).simpler()) {
                    List<Operation> changed = new ArrayList<>(best);
                    changed.set(i, simpler);
                    if (fails.test(changed)) {
                        best = List.copyOf(changed);
                        again = true;
                        break;
                    }
                }
            }
        }
        return best;
    }
}
