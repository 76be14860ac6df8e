package io.tidemill.examples.engreene;

import io.tidemill.event.QueueEvent;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.engreene.demo.DemoServers;
import io.tidemill.examples.engreene.demo.VendorEndpoint;
import io.tidemill.examples.engreene.jobs.AddOptions;
import io.tidemill.examples.engreene.jobs.JobStatus;
import io.tidemill.examples.engreene.mail.Email;
import io.tidemill.examples.engreene.market.Marketplace;
import io.tidemill.examples.engreene.market.Vendor;
import io.tidemill.examples.engreene.reminders.Conversation;
import io.tidemill.examples.engreene.reminders.ConversationEnd;
import io.tidemill.examples.engreene.sessions.Role;
import io.tidemill.examples.engreene.wallet.Booking;
import io.tidemill.schedule.Schedules;
import io.tidemill.workflow.StepProgress;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What happens in the demo, and what should come of it. Used by one thread. */
final class DemoDay {

    private static final Duration PATIENCE = Duration.ofSeconds(100);
    private static final Duration STEP = Duration.ofMillis(10);
    private static final Duration LATER = Duration.ofSeconds(1);
    private static final Duration SHORT_SESSION = Duration.ofMillis(200);
    private static final int NOTICES = 12;
    private static final int TRIES = 5;
    private static final String VENDOR = "goldenhour";
    private static final List<String> AMOUNTS = List.of("250.00", "99.99", "0.05", "1234.56", "19.90");

    private final EngreeneService web;
    private final DemoServers servers;
    private final JobLog log;
    private final Checks checks;
    private final String run;
    private final List<String> jobs = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();
    private final List<String> mails = new ArrayList<>();
    private final Marketplace market = new Marketplace();
    private final Map<Conversation, ConversationEnd> ends = new LinkedHashMap<>();
    private final Set<Conversation> answered = new HashSet<>();
    private final String delayed;
    private String refused = "";
    private Duration addedAt = Duration.ZERO;
    private BigDecimal balance = BigDecimal.ZERO;

    /**
     * A day.
     *
     * @param run makes names of this run, as a Redis may have those of others
     */
    DemoDay(EngreeneService web, DemoServers servers, JobLog log, Checks checks, String run) {
        this.web = web;
        this.servers = servers;
        this.log = log;
        this.checks = checks;
        this.run = run;
        this.delayed = "delayed-" + run;
    }

    static String cleanup(String run) {
        return "demo-" + run + "-session-cleanup";
    }

    static String warmup(String run) {
        return "demo-" + run + "-cache-warmup";
    }

    /** Four devices where three are allowed, sessions that end soon, and somebody who tries passwords. */
    void usersLogIn() {
        List<String> ids = new ArrayList<>();
        for (String device : List.of("phone", "laptop", "tablet", "watch")) {
            ids.add(web.session().createSession("ada-" + run, Role.CLIENT, "ada@clients.example", device, Map.of()));
        }
        for (int i = 0; i < 3; i++) {
            web.session()
                    .createSession(
                            "guest-" + i + "-" + run,
                            Role.CLIENT,
                            "guest@clients.example",
                            "kiosk",
                            Map.of(),
                            SHORT_SESSION);
        }
        checks.that("oldest session", web.session().getSession(ids.get(0)).isEmpty(), "it is still there");
        checks.that("newest session", web.session().getSession(ids.get(3)).isPresent(), "it is not there");
        checks.equal(
                "sessions of a user",
                3,
                web.session().getUserSessions("ada-" + run).size());
        checks.equal("logins that were let through", 5, used("login", 5, 8));
        checks.equal("API calls that were let through", 100, used("api_call", 100, 120));
    }

    private int used(String action, int limit, int times) {
        int allowed = 0;
        for (int i = 0; i < times; i++) {
            allowed += web.checkRateLimit("eve-" + run, action, limit, 60_000) ? 1 : 0;
        }
        return allowed;
    }

    /** Mails, notices and bookings. */
    void addJobs() throws Exception {
        servers.vendors().ifPresent(VendorEndpoint::goDown);
        balance = web.walletBalance(VENDOR);
        mail("welcome-" + run, "user@clients.example", "Welcome!", AddOptions.DEFAULT);
        addedAt = log.elapsed();
        mail(
                delayed,
                "user@clients.example",
                "Still there?",
                AddOptions.priority(5).delay(LATER));
        mail("reset-" + run, "ada@clients.example", "Your new password", AddOptions.priority(9));
        refused = add(web.jobQueue().addJob(Email.TYPE, Map.of("to", "no address", "subject", "Welcome!")));
        for (int i = 0; i < NOTICES; i++) {
            String event = i % 3 == 0 ? "wishlist_add" : "cart_add";
            notices.add(add(web.scheduleVendorNotification(event, "saffron", "bo", "menu-" + i)));
        }
        for (String amount : AMOUNTS) {
            Booking booking = new Booking("booking-" + amount + "-" + run, VENDOR, new BigDecimal(amount));
            add(web.jobQueue().addJob(Booking.TYPE, booking));
            add(web.jobQueue().addJob(Booking.TYPE, booking)); // a second time, as after a lost answer
        }
    }

    private void mail(String id, String to, String subject, AddOptions options) {
        add(web.jobQueue().addJob(Email.TYPE, Map.of("to", to, "subject", subject), options.id(id)));
        mails.add(to + ": " + subject);
    }

    private String add(String job) {
        jobs.add(job);
        return job;
    }

    /** One vendor never answers, one when it has been reminded, one at once. */
    void vendorsAnswerOrNot() {
        watch(conversation("silent", "stillframe"));
        isAnswered("slow", "lumen", conversation -> await("the vendor is reminded", () -> sent(conversation) > 0));
        isAnswered("quick", "hearth", conversation -> {});
    }

    /** On a machine that is busy the week may be over before the answer is given: then the client asks again. */
    private void isAnswered(String name, String vendor, Consumer<Conversation> before) {
        for (int i = 1; i <= TRIES; i++) {
            Conversation conversation = conversation(name + "-" + i, vendor);
            watch(conversation);
            before.accept(conversation);
            if (web.vendorReplied(conversation, "Yes, we are free")) {
                answered.add(conversation);
                return;
            }
        }
        checks.that("the answer of " + vendor, false, "it was not taken, " + TRIES + " times");
    }

    private void watch(Conversation conversation) {
        checks.that(
                conversation.id() + " is watched",
                web.watchForReply(conversation).isNew(),
                "it was known");
        ends.put(conversation, new ConversationEnd(conversation.id(), false, List.of()));
    }

    private Conversation conversation(String name, String vendor) {
        return new Conversation(name + "-" + run, vendor, "chi");
    }

    /** Once the worker has given up on it for a while. */
    void endpointComesBack() throws InterruptedException {
        Optional<VendorEndpoint> vendors = servers.vendors();
        if (vendors.isPresent()) {
            boolean isOpen = log.await(
                    entries -> entries.stream()
                            .anyMatch(entry -> entry.event() instanceof QueueEvent.Released released
                                    && notices.contains(released.jobId())),
                    PATIENCE);
            checks.that("circuit breaker", isOpen, "it has not opened");
            vendors.get().comeBack();
        }
    }

    /** Waits until all has ended, and takes the schedules out, so that the day has an end. */
    void end(Schedules schedules) throws InterruptedException {
        for (Conversation conversation : List.copyOf(ends.keySet())) {
            ends.put(conversation, web.replyWatch(conversation).await(PATIENCE));
        }
        await(
                "ended sessions are removed",
                () -> web.session().getUserSessions("guest-0-" + run).isEmpty()
                        && web.session().stats().expired() == 0);
        for (String name : List.of(cleanup(run), warmup(run))) {
            boolean hasFired = log.await(
                    entries -> entries.stream()
                            .anyMatch(entry -> entry.event() instanceof QueueEvent.Succeeded done
                                    && done.jobId().startsWith(name + "@")),
                    PATIENCE);
            checks.that(name, hasFired, "it has not fired");
            checks.that(name + " is removed", schedules.remove(name), "it was not there");
        }
        checks.equal("jobs that have not ended", Set.of(), log.awaitEnd(jobs, PATIENCE));
    }

    private void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(STEP.toNanos());
        }
        checks.that(what, condition.getAsBoolean(), "not within " + PATIENCE.toSeconds() + " s");
    }

    /** Looks at what came of it, from the outside: mails, the endpoint, Redis. */
    void check(EngreeneService worker) {
        checks.section("conversations", this::conversationsEnded);
        checks.section("mails", this::mailsArrived);
        checks.section("delay", this::delayWasKept);
        checks.section("dead letter", this::deadLetter);
        checks.section("notices", () -> noticesArrived(worker));
        checks.section("commission", this::commission);
        checks.section("cache", () -> {
            Vendor cached = web.cache().get("profile:aperture", Vendor.class).orElse(null);
            checks.equal(
                    "profile that was cached before anybody asked", "aperture", cached == null ? null : cached.id());
        });
        checks.section("health", () -> {
            checks.equal(
                    "problems of the web application",
                    List.of(),
                    web.healthCheck().problems());
            checks.equal(
                    "problems of the worker", List.of(), worker.healthCheck().problems());
        });
    }

    /** How many reminders were sent before the answer came is known after the fact only. */
    private void conversationsEnded() {
        ends.forEach((conversation, end) -> {
            boolean isAnswered = answered.contains(conversation);
            List<String> others = isAnswered ? List.of() : alternatives(conversation);
            checks.equal(conversation.id(), new ConversationEnd(conversation.id(), isAnswered, others), end);
            checks.that(
                    conversation.id() + " reminders",
                    isAnswered ? sent(conversation) < 4 : sent(conversation) == 4,
                    "there were " + sent(conversation));
        });
    }

    private List<String> alternatives(Conversation conversation) {
        return market.alternatives(market.vendor(conversation.vendorId())).stream()
                .map(Vendor::id)
                .toList();
    }

    /** The reminders that were really asked for, by their jobs. */
    private long sent(Conversation conversation) {
        Set<String> steps = new HashSet<>();
        web.replyWatch(conversation).progress().stream()
                .filter(step -> step.name().startsWith("reminder"))
                .map(StepProgress::job)
                .forEach(steps::add);
        return log.entries().stream()
                .filter(entry -> entry.event() instanceof QueueEvent.Enqueued)
                .map(entry -> entry.event().jobId())
                .filter(id -> id.endsWith(":mail") && steps.contains(id.substring(0, id.length() - ":mail".length())))
                .count();
    }

    private void mailsArrived() throws MessagingException {
        Optional<List<MimeMessage>> received = servers.mails();
        if (received.isEmpty()) {
            return;
        }
        List<String> arrived = new ArrayList<>();
        for (MimeMessage mail : received.get()) {
            arrived.add(mail.getAllRecipients()[0] + ": " + mail.getSubject());
        }
        for (String mail : mails) {
            checks.equal(mail, 1L, arrived.stream().filter(mail::equals).count());
        }
        Map<String, Long> reminders = new TreeMap<>();
        ends.keySet()
                .forEach(each -> reminders.merge(market.vendor(each.vendorId()).email(), sent(each), Long::sum));
        reminders.forEach((vendor, sent) -> checks.equal(
                "reminders to " + vendor,
                sent,
                arrived.stream().filter(mail -> mail.startsWith(vendor)).count()));
        checks.equal(
                "recommendations",
                (long) ends.size() - answered.size(),
                arrived.stream()
                        .filter(mail -> mail.contains("Others who offer"))
                        .count());
    }

    /** Counts from before it was added: what is published of a job may be published late, and never early. */
    private void delayWasKept() {
        Duration started = log.of(delayed).stream()
                .filter(entry -> entry.event() instanceof QueueEvent.Started)
                .findFirst()
                .orElseThrow()
                .at();
        Duration waited = started.minus(addedAt);
        checks.that("delay", waited.plus(STEP).compareTo(LATER) >= 0, "it ran after " + waited);
    }

    private void deadLetter() {
        Optional<JobStatus> status = web.jobQueue().getJob(refused);
        checks.equal("state of the mail to no address", Optional.of("failed"), status.map(JobStatus::state));
        checks.equal(
                "why", true, status.map(JobStatus::error).orElse("").startsWith("'no address' is not a mail address"));
    }

    private void noticesArrived(EngreeneService worker) {
        servers.vendors().ifPresent(vendors -> {
            checks.equal("notices", Set.copyOf(notices), vendors.notices().keySet());
            checks.that(
                    "circuit breaker",
                    Objects.requireNonNull(worker.getStats().breakers().get("vendors"))
                                    .opened()
                            > 0,
                    "it was never open");
        });
        notices.forEach(id -> checks.equal(
                "notice " + id,
                Optional.of("completed"),
                web.jobQueue().getJob(id).map(JobStatus::state)));
    }

    /** Each booking counts once, and the parts are the whole. */
    private void commission() throws Exception {
        BigDecimal paid = web.walletBalance(VENDOR).subtract(balance);
        checks.equal("payouts at a rate of 0.10", new BigDecimal("1444.05"), paid);
    }

    /** What became of each conversation, in words. */
    List<String> conversations() {
        return ends.entrySet().stream()
                .map(each -> "%-20s %d reminders, %s"
                        .formatted(
                                each.getKey().id(),
                                sent(each.getKey()),
                                each.getValue().isAnswered()
                                        ? "answered"
                                        : "no answer, recommended "
                                                + each.getValue().alternatives()))
                .toList();
    }
}
