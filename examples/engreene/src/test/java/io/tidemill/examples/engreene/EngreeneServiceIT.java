package io.tidemill.examples.engreene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tidemill.examples.engreene.cache.CacheOptions;
import io.tidemill.examples.engreene.demo.VendorEndpoint;
import io.tidemill.examples.engreene.jobs.AddOptions;
import io.tidemill.examples.engreene.jobs.JobStatus;
import io.tidemill.examples.engreene.mail.Email;
import io.tidemill.examples.engreene.reminders.Conversation;
import io.tidemill.examples.engreene.sessions.Role;
import io.tidemill.examples.engreene.wallet.Booking;
import io.tidemill.examples.engreene.wallet.Commission;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisCluster;
import io.tidemill.test.redis.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole service on real servers. */
class EngreeneServiceIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private VendorEndpoint vendors;

    @BeforeEach
    void start() throws IOException {
        mail.start();
        vendors = VendorEndpoint.start();
    }

    @AfterEach
    void stop() {
        vendors.close();
        mail.stop();
    }

    private Settings settings(String redis) {
        return Settings.from(Map.of(
                "REDIS_URL",
                redis,
                "SMTP_HOST",
                "127.0.0.1",
                "SMTP_PORT",
                String.valueOf(mail.getSmtp().getPort()),
                "VENDOR_URL",
                vendors.url().toString()));
    }

    @Test
    void aJobOfTheWebApplicationIsRunByAWorkerThatHasHandlersOfItsOwn() throws Exception {
        TestRedis.empty();
        Settings settings = settings(TestRedis.uri());
        try (EngreeneService web = EngreeneService.open(settings);
                EngreeneService worker = EngreeneService.open(settings)) {
            web.jobQueue().declare("double", Booking.class);
            web.startProducer(event -> {});
            worker.jobQueue()
                    .registerHandler(
                            "double",
                            Booking.class,
                            BigDecimal.class,
                            job -> job.data().amount().multiply(BigDecimal.TEN));
            worker.startWorker(event -> {});

            Booking booking = new Booking("b-1", "lumen", new BigDecimal("1.10"));
            assertThat(web.jobQueue()
                            .handle("double", booking, AddOptions.DEFAULT)
                            .await(PATIENCE))
                    .hasToString("11.00");
            String id = web.jobQueue().addJob("send-email", Map.of("to", "user@example.com", "subject", "Welcome!"));
            Waits.until(
                    "the mail is sent",
                    () -> web.jobQueue().getJob(id).map(JobStatus::state).equals(Optional.of("completed")));
            assertThat(mail.getReceivedMessages()).hasSize(1);
            assertThat(web.jobQueue().getStats().completed()).isEqualTo(2);
        }
    }

    @Test
    void saysHowItIsAlsoWhenRedisIsGone() {
        try (RedisServer redis = RedisServer.start();
                EngreeneService service = EngreeneService.open(settings(redis.uri()))) {
            assertThatThrownBy(service::healthCheck).hasMessageContaining("call startProducer or startWorker first");
            service.startProducer(event -> {});
            Waits.until("it is well", () -> service.healthCheck().healthy());
            assertThat(service.healthCheck().redis()).isEqualTo("PONG");
            assertThat(service.healthCheck().breakers()).isEqualTo(Map.of("mail", "CLOSED", "vendors", "CLOSED"));

            redis.kill9();

            Waits.until("it is not well", () -> !service.healthCheck().healthy());
            assertThat(service.healthCheck().problems())
                    .anyMatch(
                            problem -> problem.startsWith("Redis at 127.0.0.1:" + redis.port() + " does not answer: "));
            redis.restart();
            Waits.until("it is well again", () -> service.healthCheck().healthy());
        }
    }

    @Test
    void runsOnAServerThatAsksForAPassword() {
        try (RedisServer redis = RedisServer.start("--requirepass", "p@ss:w/rd %41+é")) {
            Settings settings = Settings.from(Map.of("REDIS_URL", redis.uri(), "REDIS_PASSWORD", "p@ss:w/rd %41+é"));
            try (EngreeneService service = EngreeneService.open(settings)) {
                service.startProducer(event -> {});

                service.scheduleVendorNotification("cart_add", "lumen", "ada", "wedding-day");

                assertThat(service.getStats().jobs().waiting()).isEqualTo(1);
            }
            assertThatThrownBy(() -> EngreeneService.open(settings(redis.uri())))
                    .hasStackTraceContaining("NOAUTH");
        }
    }

    @Test
    void sessionsCacheLimitsWalletsJobsAndRemindersWorkOnACluster() throws Exception {
        Settings settings = settings(RedisCluster.shared().uri());
        try (RedisData all = RedisData.connect(settings.redisUrl())) {
            all.commands().flushall(); // a test that is run again finds nothing of the run before
        }
        try (EngreeneService service = EngreeneService.open(settings)) {
            service.startWorker(event -> {});
            assertThat(service.redis().isCluster()).isTrue();

            List<String> sessions = List.of("ada", "bo", "chi", "dan").stream()
                    .map(user -> service.session().createSession(user, Role.CLIENT, user + "@clients.example"))
                    .toList();
            assertThat(sessions).allMatch(id -> service.session().getSession(id).isPresent());
            assertThat(service.session().destroyUserSessions("bo")).isEqualTo(1);
            assertThat(service.session().stats().active()).isEqualTo(3);

            CacheOptions options = CacheOptions.ttl(Duration.ofHours(1)).tags("letters", "all");
            service.cache().setAll(Map.of("a", "1", "b", "2", "c", "3", "d", "4"), options);
            try (EngreeneService other = EngreeneService.open(settings)) {
                assertThat(other.cache().getAll(List.of("a", "b", "c", "d"), String.class))
                        .hasSize(4);
            }
            service.cache().invalidateByTags("letters");
            assertThat(service.cache().getAll(List.of("a", "b", "c", "d"), String.class))
                    .isEmpty();

            assertThat(service.checkRateLimit("ada", "api_call", 1, 60_000)).isTrue();
            assertThat(service.checkRateLimit("ada", "api_call", 1, 3_600_000)).isFalse();

            Booking booking = new Booking("b-1", "lumen", new BigDecimal("19.90"));
            Object commission = service.jobQueue()
                    .handle(Booking.TYPE, booking, AddOptions.DEFAULT)
                    .await(PATIENCE);
            assertThat(commission).isEqualTo(new Commission("b-1", new BigDecimal("1.99"), new BigDecimal("17.91")));
            assertThat(service.walletBalance("lumen")).isEqualTo(new BigDecimal("17.91"));

            Conversation conversation = new Conversation("c-1", "lumen", "ada");
            service.watchForReply(conversation);
            assertThat(service.vendorReplied(conversation, "Yes")).isTrue();
            assertThat(service.replyWatch(conversation).await(PATIENCE).isAnswered())
                    .isTrue();
        }
    }

    @Test
    void showsARunningSystem() {
        TestRedis.empty();
        try (EngreeneService service = EngreeneService.open(settings(TestRedis.uri()))) {
            service.startProducer(event -> {});
            String id = service.jobQueue()
                    .addJob(Email.TYPE, new Email("ada@clients.example", "Hi", ""), AddOptions.priority(5));
            service.cache().set("profile:ada", "Ada", CacheOptions.ttl(Duration.ofHours(1)));

            assertThat(inspect(service, "ping")).isEqualTo("0 PONG");
            assertThat(inspect(service, "stats"))
                    .startsWith(
                            "0 jobs       waiting=1, delayed=0, active=0, blocked=0, failed=0, completed=0, added=1")
                    .contains("vendors    state=CLOSED, failures=0, opened=0, refused=0");
            assertThat(inspect(service, "job", id))
                    .isEqualTo("0 JobStatus[id=" + id
                            + ", type=send-email, state=waiting, priority=5, failures=0, error=null]");
            assertThat(inspect(service, "job", "another")).isEqualTo("1 no job 'another'");
            assertThat(inspect(service, "keys")).isEqualTo("0 cache:profile:ada");
            assertThat(inspect(service, "flush")).startsWith("2 commands: ping, health, stats");
        }
    }

    private static String inspect(EngreeneService service, String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int exit = EngreeneInspect.run(service, new PrintStream(bytes, true, StandardCharsets.UTF_8), arguments);
        return exit + " " + bytes.toString(StandardCharsets.UTF_8).strip();
    }
}
