package io.tidemill.lint;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The methods of this type, or this method, change nothing that the caller could have meant to change: whoever drops
 * what they return has done nothing. Error Prone and other checkers know the annotation by its simple name, so users
 * need no library for it.
 */
@Documented
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.CLASS)
public @interface CheckReturnValue {}
