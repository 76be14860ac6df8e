package io.tidemill.examples.engreene.cache;

import io.tidemill.examples.engreene.jobs.JobHandler;
import io.tidemill.examples.engreene.jobs.QueuedJob;
import io.tidemill.task.TaskSignal;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Caches what will be asked for: the handler of {@code cache_warmup}. */
public final class WarmupHandler implements JobHandler.WithResult<Warmup, Integer> {

    /**
     * What is cached of an area.
     *
     * @param options how
     * @param values makes the values, by key
     */
    public record Area(CacheOptions options, Supplier<Map<String, ?>> values) {}

    private final TagCache cache;
    private final Map<String, Area> areas;

    /** Warms this cache up with these areas. */
    public WarmupHandler(TagCache cache, Map<String, Area> areas) {
        this.cache = cache;
        this.areas = new TreeMap<>(areas);
    }

    /** Gives how many entries were written. */
    @Override
    public Integer handle(QueuedJob<Warmup> job) {
        int written = 0;
        for (String name :
                job.data().areas().isEmpty() ? areas.keySet() : job.data().areas()) {
            Area area = areas.get(name);
            if (area == null) {
                throw new TaskSignal.GiveUp("no area '" + name + "' of the cache; there are " + areas.keySet());
            }
            Map<String, ?> values = area.values().get();
            cache.setAll(values, area.options());
            written += values.size();
        }
        return written;
    }
}
