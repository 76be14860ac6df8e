package io.tidemill.message;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.SecretKey;

/**
 * The bytes of a key, which can be overwritten: {@code SecretKeySpec} does not do that. The JDK's ciphers overwrite the
 * copies that they get. Thread-safe.
 */
final class KeyBytes implements SecretKey {

    private static final long serialVersionUID = 1L;

    private final transient ReentrantLock lock = new ReentrantLock();
    private final transient byte[] bytes;
    private transient boolean destroyed;

    KeyBytes(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        lock.lock();
        try {
            if (destroyed) {
                throw new IllegalStateException("this key was destroyed");
            }
            return bytes.clone();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void destroy() {
        lock.lock();
        try {
            Arrays.fill(bytes, (byte) 0);
            destroyed = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isDestroyed() {
        lock.lock();
        try {
            return destroyed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "256 bits";
    }
}
