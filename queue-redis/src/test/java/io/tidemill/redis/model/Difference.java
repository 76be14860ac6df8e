package io.tidemill.redis.model;

/**
 * Where the two sides part.
 *
 * @param index of the operation, from 0
 * @param operation what was done
 * @param what its reply, or the part of the state after it
 * @param model what the model says
 * @param real what Redis says
 */
record Difference(int index, Operation operation, String what, String model, String real) {

    @Override
    public String toString() {
        return "after operation " + index + ", " + operation + "\nthe two sides disagree on " + what + "\n  model: "
                + model + "\n  redis: " + real;
    }
}
