/** Sessions of users, on several devices, in Redis. */
@NullMarked
package io.tidemill.examples.engreene.sessions;

import org.jspecify.annotations.NullMarked;
