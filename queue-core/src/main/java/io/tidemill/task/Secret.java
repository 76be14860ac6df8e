package io.tidemill.task;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an argument of a task, or a component of a record or field of a class that arguments are made of: pages and
 * views show {@code "***"} in its place, and errors about such an argument do not say what it holds.
 *
 * <pre>{@code
 * record Card(String holder, @Secret String number) {}
 *
 * @Task
 * public void charge(Card card, @Secret String pin, long amount) { ... }
 * }</pre>
 *
 * <p>The mark travels with each job whose producer knows the task, so processes without the class hide it as well. The
 * bytes in the broker are the same: a {@code PayloadSeal} encrypts them. An argument with such a mark cannot be part of
 * the name of a group. Interceptors, and what a task itself logs, throws or returns, see all that they are given. A
 * custom {@code PayloadCodec} that does not say where marked parts stand hides the whole argument.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT, ElementType.FIELD, ElementType.METHOD})
public @interface Secret {}
