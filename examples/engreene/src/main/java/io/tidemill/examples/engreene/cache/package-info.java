/** A cache in Redis and in the process, whose entries are made invalid by tags. */
@NullMarked
package io.tidemill.examples.engreene.cache;

import org.jspecify.annotations.NullMarked;
