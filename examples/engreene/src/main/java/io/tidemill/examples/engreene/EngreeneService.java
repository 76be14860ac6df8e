package io.tidemill.examples.engreene;

import io.lettuce.core.RedisException;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.event.QueueListener;
import io.tidemill.examples.engreene.cache.CacheOptions;
import io.tidemill.examples.engreene.cache.TagCache;
import io.tidemill.examples.engreene.jobs.AddOptions;
import io.tidemill.examples.engreene.jobs.JobQueueService;
import io.tidemill.examples.engreene.limits.RateLimiter;
import io.tidemill.examples.engreene.market.Marketplace;
import io.tidemill.examples.engreene.notifications.VendorNotice;
import io.tidemill.examples.engreene.outside.Breaker;
import io.tidemill.examples.engreene.outside.BreakerStats;
import io.tidemill.examples.engreene.reminders.Conversation;
import io.tidemill.examples.engreene.reminders.ConversationEnd;
import io.tidemill.examples.engreene.reminders.Reminder;
import io.tidemill.examples.engreene.reminders.ReminderTasks;
import io.tidemill.examples.engreene.reminders.Reply;
import io.tidemill.examples.engreene.reminders.ReplyWatch;
import io.tidemill.examples.engreene.sessions.Sessions;
import io.tidemill.examples.engreene.wallet.CommissionHandler;
import io.tidemill.examples.engreene.wallet.Wallets;
import io.tidemill.redis.RedisBroker;
import io.tidemill.schedule.Scheduler;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything of Engreene that is in Redis, in one place: sessions, cache, limits, jobs. A web application opens it and
 * calls {@link #startProducer}; a worker registers handlers of its own, if it has any, and calls {@link #startWorker}.
 *
 * <pre>{@code
 * try (EngreeneService service = EngreeneService.open(Settings.fromEnvironment())) {
 *     service.startProducer(event -> {});
 *     String id = service.jobQueue().addJob(
 *             "send-email",
 *             Map.of("to", "user@example.com", "subject", "Welcome!"),
 *             AddOptions.priority(5).delay(Duration.ofSeconds(1)));
 * }
 * }</pre>
 *
 * <p>Starting is for one thread; the rest is thread-safe.
 */
public final class EngreeneService implements AutoCloseable {

    /** How many jobs a worker runs at the same time. */
    public static final int CONCURRENCY = 8;

    private static final Duration SESSION_LIFE = Duration.ofHours(24);
    private static final Duration BALANCE_LIFE = Duration.ofMinutes(5);

    private final Settings settings;
    private final RedisData redis;
    private final Marketplace market = new Marketplace();
    private final Sessions sessions;
    private final TagCache cache;
    private final RateLimiter limits;
    private final Wallets wallets;
    private final EngreeneHandlers.Outside outside;
    private final JobQueueService jobs = new JobQueueService();
    private @Nullable TaskQueue queue;

    private EngreeneService(Settings settings, RedisData redis, Duration breakerPause, Clock clock) {
        this.settings = settings;
        this.redis = redis;
        this.sessions = new Sessions(redis.commands(), SESSION_LIFE, clock);
        this.cache = new TagCache(redis.commands(), clock);
        this.limits = new RateLimiter(redis.commands());
        this.wallets = new Wallets(redis.commands());
        this.outside = new EngreeneHandlers.Outside(
                new Breaker("mail", breakerPause, clock), new Breaker("vendors", breakerPause, clock));
    }

    /**
     * Connects; jobs come with one of the starts.
     *
     * @throws io.lettuce.core.RedisConnectionException if Redis does not answer
     */
    public static EngreeneService open(Settings settings) {
        return open(settings, Breaker.PAUSE);
    }

    /** The same with another pause of the circuit breakers. */
    static EngreeneService open(Settings settings, Duration breakerPause) {
        return new EngreeneService(settings, RedisData.connect(settings.redisUrl()), breakerPause, Clock.systemUTC());
    }

    /** Adds jobs from now on, and runs none. */
    public void startProducer(QueueListener listener) {
        EngreeneHandlers.declareOn(jobs);
        start(TaskQueue.builder().listener(listener));
    }

    /** Adds jobs and runs them from now on, and fires the schedules. */
    public void startWorker(QueueListener listener) {
        startWorker(listener, EngreeneSchedules.scheduler());
    }

    /** The same with other schedules. */
    void startWorker(QueueListener listener, Scheduler scheduler) {
        EngreeneHandlers.RedisParts parts = new EngreeneHandlers.RedisParts(sessions, cache, wallets);
        EngreeneHandlers.registerOn(jobs, settings, outside, parts, market);
        TaskQueueBuilder builder = TaskQueue.builder()
                .listener(listener)
                .concurrency(CONCURRENCY)
                .tasks(client -> new ReminderTasks(client, market))
                .install(scheduler);
        jobs.configure(builder);
        start(builder);
    }

    private void start(TaskQueueBuilder builder) {
        TaskQueue started =
                builder.broker(RedisBroker.connect(settings.redisUrl())).start();
        queue = started;
        jobs.attach(started, started.admin());
    }

    /** Sessions of users. */
    public Sessions session() {
        return sessions;
    }

    /** The cache. */
    public TagCache cache() {
        return cache;
    }

    /** Jobs by type. */
    public JobQueueService jobQueue() {
        return jobs;
    }

    /** Uses up one of the times that a user may do something; false if none is left. See {@link RateLimiter#use}. */
    public boolean checkRateLimit(String user, String action, int limit, long windowMillis) {
        return limits.use(user, action, limit, windowMillis).allowed();
    }

    /** The same, and says how many are left. */
    public RateLimiter.Decision rateLimit(String user, String action, int limit, long windowMillis) {
        return limits.use(user, action, limit, windowMillis);
    }

    /** What a vendor has earned, as pages show it. */
    public BigDecimal walletBalance(String vendor) throws Exception {
        return cache.getOrSet(
                "wallet:" + vendor,
                BigDecimal.class,
                () -> wallets.balance(vendor),
                CacheOptions.ttl(BALANCE_LIFE).tags(CommissionHandler.tag(vendor)));
    }

    /**
     * Has a vendor notified.
     *
     * @param event {@code cart_add} or {@code wishlist_add}
     * @return the id of the job
     */
    public String scheduleVendorNotification(String event, String vendor, String client, String service) {
        return jobs.addJob("vendor_" + event, new VendorNotice(vendor, client, service));
    }

    /**
     * Has a vendor reminded once, whether an answer comes or not. {@link #watchForReply} is for the usual case.
     *
     * @return the id of the job
     */
    public String scheduleResponseReminder(Conversation conversation, int hours, Duration delay) {
        return jobs.addJob(ReminderTasks.REMINDER, new Reminder(conversation, hours), AddOptions.after(delay));
    }

    /** Has a vendor reminded at the hours of {@link Settings#reminderHours} until {@link #vendorReplied}. */
    public WorkflowHandle<ConversationEnd> watchForReply(Conversation conversation) {
        return started().start(watch(conversation));
    }

    /**
     * Ends the reminders of a conversation.
     *
     * @return whether any were left to come
     */
    public boolean vendorReplied(Conversation conversation, String text) {
        return replyWatch(conversation).signal(ReplyWatch.SIGNAL, Reply.class, new Reply(text));
    }

    /** The wait for an answer that was started for this conversation, perhaps by another process. */
    public WorkflowHandle<ConversationEnd> replyWatch(Conversation conversation) {
        return started().workflow(watch(conversation), ReplyWatch.id(conversation.id()));
    }

    private Workflow<ConversationEnd> watch(Conversation conversation) {
        return ReplyWatch.of(conversation, settings.reminderHours(), settings.hour());
    }

    /** How it is, judged by what it last did. Never throws because Redis is away: that is what it says then. */
    public HealthReport healthCheck() {
        List<String> problems = new ArrayList<>(started().health().problems());
        String answer = ping();
        if (!answer.equals("PONG")) {
            problems.add("Redis at " + settings.redisName() + " does not answer: " + answer);
        }
        boolean healthy = started().health().ready() && answer.equals("PONG");
        return new HealthReport(
                healthy,
                answer,
                Map.of(
                        "mail",
                        outside.mail().stats().state(),
                        "vendors",
                        outside.vendors().stats().state()),
                List.copyOf(problems));
    }

    /** {@code PONG} if Redis answers, else why not. */
    String ping() {
        try {
            return redis.commands().ping();
        } catch (RedisException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** What it has and does. */
    public ServiceStats getStats() {
        return new ServiceStats(
                jobs.getStats(),
                sessions.stats(),
                cache.stats(),
                breakers(),
                redis.commands().dbsize(),
                redis.commands()
                        .info("memory")
                        .lines()
                        .filter(line -> line.startsWith("used_memory_human:"))
                        .map(line -> line.substring(line.indexOf(':') + 1))
                        .findFirst()
                        .orElse("unknown"));
    }

    private Map<String, BreakerStats> breakers() {
        return Map.of(
                "mail", outside.mail().stats(), "vendors", outside.vendors().stats());
    }

    RedisData redis() {
        return redis;
    }

    TaskQueue started() {
        TaskQueue current = queue;
        if (current == null) {
            throw new IllegalStateException("the service has not started: call startProducer or startWorker first");
        }
        return current;
    }

    /** Lets running jobs end, then closes every connection. */
    @Override
    public void close() {
        if (queue != null) {
            queue.close();
        }
        redis.close();
    }
}
