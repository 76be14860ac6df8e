package io.tidemill.examples.fashiondeck.embeddings;

/** A product that says nothing about itself has no vector. */
public final class NoTextException extends Exception {

    private static final long serialVersionUID = 1;

    NoTextException(String productId) {
        super("product " + productId + " has neither title nor color nor category");
    }
}
