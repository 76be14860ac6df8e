package io.tidemill.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Installs the peers that run on Node, and starts them. */
final class NodePeers {

    private static final List<String> NAMES = List.of("bullmq", "beequeue");

    private NodePeers() {}

    /**
     * Starts all peers; none, with a loud word, where Node or npm is missing or the packages cannot be had.
     *
     * @param home the directory of the module
     */
    static List<Contender> start(Path home, int port) {
        List<Contender> peers = new ArrayList<>();
        Path directory = home.resolve("target/node");
        try {
            runs("node", "--version");
            install(home.resolve("src/main/node"), directory);
        } catch (IOException e) {
            System.err.printf(
                    "%n!!!%n!!! NOT COMPARED: BullMQ and Bee-Queue are left out, only Tidemill and the limit are"
                            + " measured.%n!!! %s%n!!!%n%n",
                    e.getMessage());
            return peers;
        }
        for (String name : NAMES) {
            peers.add(new NodePeer(name, directory, port));
        }
        return peers;
    }

    /** Once; again when package.json has changed. */
    private static void install(Path sources, Path directory) throws IOException {
        Files.createDirectories(directory);
        Path installed = directory.resolve("package.json");
        Path wanted = sources.resolve("package.json");
        Path done = directory.resolve("installed");
        boolean isInstalled = Files.exists(done) && Files.mismatch(wanted, installed) < 0;
        try (Stream<Path> files = Files.list(sources)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (!isInstalled) {
            runs(
                    "npm",
                    "install",
                    "--prefix",
                    directory.toString(),
                    "--no-package-lock",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error");
            Files.writeString(done, "");
        }
    }

    private static void runs(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " ended with code " + code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }
}
