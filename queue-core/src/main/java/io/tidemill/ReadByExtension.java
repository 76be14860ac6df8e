package io.tidemill;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * For those who write an {@link Extension}: marks an annotation of task methods that only the extension reads. A queue
 * that has a task with such an annotation and not the extension logs a warning at its start: the annotation has no
 * effect in that process.
 */
@Documented
@Target(ElementType.ANNOTATION_TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface ReadByExtension {

    /** The class name of the extension. */
    String value();
}
