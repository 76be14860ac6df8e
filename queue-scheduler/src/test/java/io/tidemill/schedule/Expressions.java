package io.tidemill.schedule;

import java.util.Random;

/** Writes random cron expressions of five or six fields. Most are valid; a few would never fire. */
final class Expressions {

    private final Random random;

    Expressions(Random random) {
        this.random = random;
    }

    /** Five fields, without lists of {@code L} and without {@code W}. */
    String plain() {
        return String.join(
                " ",
                numbers(0, 59),
                numbers(0, 23),
                numbers(1, 31),
                numbers(1, 12),
                random.nextInt(3) > 0 ? "*" : weekday());
    }

    /** Six fields of every form. */
    String any() {
        String day = random.nextInt(3) > 0 ? numbers(1, 31) : specialDay();
        return String.join(" ", numbers(0, 59), numbers(0, 59), numbers(0, 23), day, numbers(1, 12), weekday());
    }

    private String numbers(int min, int max) {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> "*";
            case 3 -> "*/" + between(1, max - min);
            case 4 -> between(min, max) + "/" + between(1, max - min);
            case 5 -> range(min, max);
            case 6 -> between(min, max) + "," + range(min, max) + "," + between(min, max);
            default -> "" + between(min, max);
        };
    }

    private String range(int min, int max) {
        int first = between(min, max);
        return first + "-" + between(first, max) + (random.nextBoolean() ? "" : "/" + between(1, max - min));
    }

    private String specialDay() {
        return switch (random.nextInt(4)) {
            case 0 -> "L";
            case 1 -> "LW";
            case 2 -> "L-" + between(1, 10);
            default -> between(1, 31) + "W";
        };
    }

    private String weekday() {
        return switch (random.nextInt(8)) {
            case 0 -> between(0, 7) + "L";
            case 1 -> between(0, 7) + "#" + between(1, 5);
            case 2 -> "MON-FRI";
            case 3 -> "5-7";
            case 4 -> "SUN,3";
            default -> "*";
        };
    }

    private int between(int min, int max) {
        return min + random.nextInt(max - min + 1);
    }
}
