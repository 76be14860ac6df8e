package io.tidemill.examples.engreene;

/** The process that runs the jobs. Start as many as you like, on as many machines as you like. */
public final class EngreeneWorker {

    private EngreeneWorker() {}

    /** Works until the process is told to end. */
    public static void main(String[] arguments) throws InterruptedException {
        EngreeneService service = EngreeneService.open(Settings.fromEnvironment());
        service.startWorker(event -> {});
        Runtime.getRuntime().addShutdownHook(new Thread(service::close, "shutdown"));
        service.started().awaitClose();
    }
}
