/** Mail over SMTP. */
@NullMarked
package io.tidemill.examples.engreene.mail;

import org.jspecify.annotations.NullMarked;
