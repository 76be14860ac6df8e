package io.tidemill.examples.ecoeaze.stock;

/** A product's stock could not be changed now: somebody else held its lock, or this process held it for too long. */
public final class StockBusyException extends Exception {

    private static final long serialVersionUID = 1L;

    StockBusyException(String message) {
        super(message);
    }
}
