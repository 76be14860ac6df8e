package io.tidemill.examples.engreene.notifications;

/**
 * A client has shown interest: the data of {@code vendor_cart_add} and {@code vendor_wishlist_add}.
 *
 * @param vendorId whom to notify
 * @param clientId who it was
 * @param serviceId what it was about
 */
public record VendorNotice(String vendorId, String clientId, String serviceId) {

    /** The type of the jobs that notify of something in a cart. */
    public static final String CART_ADD = "vendor_cart_add";

    /** The type of the jobs that notify of something on a wishlist. */
    public static final String WISHLIST_ADD = "vendor_wishlist_add";
}
